"""A Jupyter kernel provisioner whose kernels are forks of the warm server.

Registered as `salesops-forked` in the group `jupyter_client.kernel_provisioners`. The batch engine
names it in the kernel spec it hands to its kernel manager; any other Jupyter client can use it
through `metadata.kernel_provisioner` of a kernel spec, or for every kernel through
`JUPYTER_DEFAULT_PROVISIONER_NAME=salesops-forked`.
"""

from __future__ import annotations

import os
import signal
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Integer, Unicode

from salesops_lib.reporting.kernels import child
from salesops_lib.reporting.kernels.choice import can_fork
from salesops_lib.reporting.kernels.processes import Forked


class ForkedProvisioner(LocalProvisioner):
    """Starts, watches and ends one forked kernel.

    Life cycle, as `KernelManager` drives it: `pre_launch` writes the connection file (inherited),
    `launch_kernel` forks, `poll` and `wait` watch the pipe on which the server reports the exit
    code, `send_signal`, `terminate` and `kill` reach the whole process group, `cleanup` lets go of
    the pipes.
    """

    log_file = Unicode("", help="Where the kernel's own stdout and stderr go.").tag(config=True)
    memory = Integer(0, help="Bytes a kernel may allocate; 0: no limit.").tag(config=True)

    batch = Bool(False, help="Nobody will attach a debugger.").tag(config=True)

    forked: Forked | None = None

    @property
    def has_process(self) -> bool:
        return self.forked is not None or super().has_process

    async def poll(self) -> int | None:
        if self.forked is None:
            return await super().poll()
        return self.forked.poll()

    async def wait(self) -> int | None:
        if self.forked is None:
            return await super().wait()
        code = self.forked.join(timeout=10)
        self.forked.close()
        self.forked = None
        return code

    async def send_signal(self, signum: int) -> None:
        if self.forked is None:
            await super().send_signal(signum)
        elif self.forked.poll() is None:
            self.forked.signal_group(signum)

    async def kill(self, restart: bool = False) -> None:
        if self.forked is None:
            await super().kill(restart)
            return
        self.forked.signal_group(signal.SIGKILL)
        # A killed process is gone in a millisecond; the manager would look again after 100.
        self.forked.join(timeout=5)

    async def terminate(self, restart: bool = False) -> None:
        await self.send_signal(signal.SIGTERM)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        arguments = _ipykernel_arguments(cmd)
        if arguments is None or not can_fork():
            return await super().launch_kernel(cmd, **kwargs)
        env = {key: str(value) for key, value in kwargs.get("env", os.environ).items()}
        cwd = kwargs.get("cwd")
        self.forked = Forked(
            child.run,
            arguments,
            env,
            os.fspath(cwd) if cwd else None,
            self.log_file,
            self.memory,
            self.batch,
            name="kernel",
        )
        self.pid = self.pgid = self.forked.pid
        self.cwd = cwd
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        if self.forked is not None and self.forked.poll() is not None:
            self.forked.close()
            self.forked = None
        await super().cleanup(restart)


def _ipykernel_arguments(cmd: list[str]) -> list[str] | None:
    """The kernel's own arguments, or None where the command starts anything but ipykernel."""
    for index, part in enumerate(cmd[:-1]):
        if part == "-m" and cmd[index + 1] == "ipykernel_launcher":
            return cmd[index + 2 :]
    return None
