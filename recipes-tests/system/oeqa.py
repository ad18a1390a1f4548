"""The few names of OpenEmbedded's oeqa that our cases import, so that they run without it. testimage has the real ones.

A decorator notes a check; the checks are made before a case's set-up, and one that gives a reason skips the case.
"""

from __future__ import annotations

import importlib.util
import sys
import unittest
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, TypeVar

_Method = TypeVar("_Method", bound=Callable[..., Any])
_Check = Callable[["RuntimeTestCase"], str]


class RuntimeTestCase(unittest.TestCase):
    """Stands for oeqa.runtime.case.OERuntimeTestCase. testimage sets the class's fields, and so does run_case()."""

    target: Any = None
    td: dict[str, str]
    """Variables of the build."""
    tc: Any
    """Its image_packages are what the image holds."""

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        method = getattr(self, self._testMethodName)
        reasons = [reason for check in getattr(method, "checks", []) if (reason := check(self))]
        if not reasons or result is None:
            return super().run(result)
        result.startTest(self)
        result.addSkip(self, reasons[0])
        result.stopTest(self)
        return result


def load_cases(path: Path) -> ModuleType:
    """Load a file of cases. Outside of this call nothing sees the stand-ins."""
    spec = importlib.util.spec_from_file_location(f"cases_of_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    stand_ins = _stand_ins()
    sys.modules |= stand_ins
    try:
        spec.loader.exec_module(module)
    finally:
        for name in stand_ins:
            del sys.modules[name]
    return module


def cases_in(module: ModuleType) -> list[type[RuntimeTestCase]]:
    """Return the classes of a file that hold tests, in its order."""
    classes = [thing for thing in vars(module).values() if isinstance(thing, type)]
    return [case for case in classes if issubclass(case, RuntimeTestCase) and names_of_tests(case)]


def names_of_tests(case: type[RuntimeTestCase]) -> list[str]:
    """Return the names of a class's tests, in its order."""
    return [name for name in vars(case) if name.startswith("test_")]


def dependencies_of(case: type[RuntimeTestCase], test: str) -> list[str]:
    """Return what must have passed before, as "module.Class.test"."""
    return list(getattr(getattr(case, test), "depends", []))


def run_case(
    case: type[RuntimeTestCase], test: str, target: object, machine: str, packages: Iterable[str]
) -> tuple[str, str]:
    """Run one test of a class on a target; return ("passed", ""), ("skipped", why) or ("failed", what was wrong)."""
    given = {
        "target": target,
        "td": {"MACHINE": machine, "DISTRO_FEATURES": "systemd pyaudiobus", "IMAGE_FEATURES": ""},
        "tc": SimpleNamespace(image_packages=set(packages)),
    }
    result = unittest.TestResult()
    type(case.__name__, (case,), given)(test).run(result)
    if result.skipped:
        return "skipped", result.skipped[0][1]
    wrong = [text for _, text in [*result.failures, *result.errors]]
    return ("failed", wrong[0]) if wrong else ("passed", "")


def _noting(check: _Check) -> Callable[[_Method], _Method]:
    def note(method: _Method) -> _Method:
        method.__dict__.setdefault("checks", []).append(check)
        return method

    return note


def _depends(names: list[str]) -> Callable[[_Method], _Method]:
    def note(method: _Method) -> _Method:
        method.__dict__["depends"] = names
        return method

    return note


def _has_package(names: list[str]) -> Callable[[_Method], _Method]:
    wanted = set(names)
    reason = f"needs one of {', '.join(sorted(wanted))}"
    return _noting(lambda case: "" if wanted & case.tc.image_packages else reason)


def _if_not_feature(feature: str, reason: str) -> Callable[[_Method], _Method]:
    return _noting(lambda case: "" if feature in case.td["DISTRO_FEATURES"].split() else reason)


def _if_qemu() -> Callable[[_Method], _Method]:
    return _noting(lambda case: "needs a board" if case.td["MACHINE"].startswith("qemu") else "")


def _if_not_qemu() -> Callable[[_Method], _Method]:
    return _noting(lambda case: "" if case.td["MACHINE"].startswith("qemu") else "needs QEMU")


def _stand_ins() -> dict[str, ModuleType]:
    names: dict[str, dict[str, object]] = {
        "oeqa": {},
        "oeqa.core": {},
        "oeqa.core.decorator": {},
        "oeqa.core.decorator.data": {
            "skipIfNotFeature": _if_not_feature,
            "skipIfNotQemu": _if_not_qemu,
            "skipIfQemu": _if_qemu,
        },
        "oeqa.core.decorator.depends": {"OETestDepends": _depends},
        "oeqa.runtime": {},
        "oeqa.runtime.case": {"OERuntimeTestCase": RuntimeTestCase},
        "oeqa.runtime.decorator": {},
        "oeqa.runtime.decorator.package": {"OEHasPackage": _has_package},
    }
    modules = {name: ModuleType(name) for name in names}
    for name, content in names.items():
        vars(modules[name]).update(content)
    return modules
