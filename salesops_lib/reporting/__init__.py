"""Notebooks run for a period and an audience, checked, rendered and published.

A run: `commands` is the command line, `packs` and `schedule` say what is due, `request` what is asked for,
`planning` (with `data_facts`, `parameters`) makes it jobs; `runner` goes through them, `scope_run` scope by scope.
A job: `jobs` has one notebook executed by `engine` (`entry` is what papermill loads) on `pool`'s processes or those
of a `cluster`, held against its `contract`; `failures` are told in words. Publishing: `publication` moves a folder
into place (`remote` where it is a URL), `places`, `records` and `changes` are about what lies there, `index` and
`missing` about what does not; `promises` go into the `ledger` (`ledger_commands`), `notify` tells people. Watching:
`console`, `progress`, `journal`, `interruption`. `secrets` keeps passwords out of all of it. Packages: `html` renders,
`kernels` starts what notebooks run on.
"""
