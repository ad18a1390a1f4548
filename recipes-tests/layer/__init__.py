"""Readers of the Yocto layer for its static tests: recipes, kas files, tables of facts. No bitbake, no network.

The tables are facts of others, printed by commands:

    sdists.txt            what pip downloads: make check-sdists
    python3-packages.txt  oe-core's split of Python: PYTHONPATH=recipes-tests python -m layer.python_packages OE_CORE
"""
