"""Jupyter kernels forked from a warm process.

A plain kernel spends seconds importing pandas, seaborn and scipy before it computes anything.
Here one process per machine imports them once (`warm`), and every kernel is a fork of it
(`processes`, over the standard library's forkserver), handed to Jupyter as a kernel provisioner
(`provisioner`, entry point `salesops-forked`) and driven by a kernel manager that waits on events
where the stock one polls (`batch`). `child` is what runs in the fork. `choice` says whether forking is
possible here, `limits` whether the shell allows it, and `scratch` where sockets and passing files lie.
"""
