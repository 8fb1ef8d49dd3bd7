"""CRM exports to canonical tables, by a mapping file that says which column is which.

`mapping` reads the file (`checking` names what is wrong in it) into `rules`; `running` goes through the tables with
`places` for files and sheets (`archives` unpacks them), `finding` for columns, `shaping` for rows and cells,
`joining`, `conditions`, and `months` for rows that stand for several. `suggestion` proposes a mapping.
"""

from salesops_lib.dataset.importing.mapping import read_mapping
from salesops_lib.dataset.importing.rules import Mapping
from salesops_lib.dataset.importing.running import ImportReport, import_dataset
from salesops_lib.dataset.importing.suggestion import suggest_mapping

__all__ = ["ImportReport", "Mapping", "import_dataset", "read_mapping", "suggest_mapping"]
