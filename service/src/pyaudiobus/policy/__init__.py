"""Decisions: a Snapshot in, a Verdict out, one decision in each file. No I/O, no clock, no state, no bus.

A folder is a question, a file in it one hook, named as what it does. chain.py puts the hooks of a question in order,
decide.py asks them, plan.py asks all questions and returns what is to be done. Owners' scripts are hooks as well;
config/policy_scripts.py loads them. Who mirrors the bus, asks and sends commands is session/.
"""
