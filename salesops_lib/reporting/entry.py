"""What papermill loads as the engine `salesops`.

Papermill loads every engine while it is itself being imported, which `engine` has to do first: the
one of the two that came second would find the other half-made. So this imports nothing until asked.
"""

from __future__ import annotations

from typing import Any


class Engine:
    """`engine.BatchEngine`, at arm's length."""

    @staticmethod
    def execute_notebook(nb: Any, kernel_name: str, **options: Any) -> Any:
        from salesops_lib.reporting.engine import BatchEngine

        return BatchEngine.execute_notebook(nb, kernel_name, **options)

    @staticmethod
    def nb_kernel_name(nb: Any, name: str | None = None) -> Any:
        from salesops_lib.reporting.engine import BatchEngine

        return BatchEngine.nb_kernel_name(nb, name)

    @staticmethod
    def nb_language(nb: Any, language: str | None = None) -> Any:
        from salesops_lib.reporting.engine import BatchEngine

        return BatchEngine.nb_language(nb, language)
