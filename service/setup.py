"""Builds the native parts where there is a compiler; without one the package does the same work in Python."""

from setuptools import setup
from setuptools.command.build_ext import build_ext


class OptionalBuildExt(build_ext):
    """Lets a machine without a compiler have the rest."""

    def run(self) -> None:
        """Build what can be built."""
        for extension in self.extensions:
            extension.optional = True
        super().run()


setup(
    cmdclass={"build_ext": OptionalBuildExt},
    cffi_modules=[
        "src/pyaudiobus/engine/build_frame_runs.py:ffibuilder",
        "src/pyaudiobus/engine/build_engine.py:ffibuilder",
    ],
)
