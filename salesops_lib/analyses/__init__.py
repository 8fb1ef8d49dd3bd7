"""Pure functions from tables to frozen results, one package an analysis; see registry.py.

What several analyses share: `columns` checks the frames that they are handed and `options` their keywords,
`people` says who is compared, `leave` finds months of leave, and `quarters` business that is booked at the
quarter's end.
"""
