"""Kernel manager and client for batch use: Unix sockets for ports, events for polls."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import Integer, default

from salesops_lib.reporting.kernels.choice import PROVISIONER, can_fork
from salesops_lib.reporting.kernels.scratch import sockets_folder

_ARGV = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
# Characters that a message shows of what a kernel wrote as it died.
_LAST_WORDS = 400


class BatchSpecs(KernelSpecManager):
    """Whatever Python kernel a notebook names, it gets the one of this environment."""

    memory = Integer(0)
    log_file = ""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        metadata: dict[str, Any] = {}
        if can_fork():
            config = {"memory": self.memory, "log_file": self.log_file, "batch": True}
            metadata = {"kernel_provisioner": {"provisioner_name": PROVISIONER, "config": config}}
        return KernelSpec(
            argv=[sys.executable, *_ARGV],
            display_name="Sales operations (batch)",
            language="python",
            metadata=metadata,
        )


class BatchClient(AsyncKernelClient):
    """A client that is ready as soon as the kernel is.

    The stock client then listens 0.2 s for messages left over; all of ours are told apart by
    their parent's id, so nothing left over can be taken for an answer.
    """

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        deadline = time.monotonic() + (timeout if timeout is not None else 1e9)
        while time.monotonic() < deadline:
            self.kernel_info()
            try:
                reply = await self.shell_channel.get_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    await self.iopub_channel.get_msg(timeout=1)
                    self._handle_kernel_info_reply(reply)
                    return
            except Empty:
                pass
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    wait_for_ready = _async_wait_for_ready


class BatchManager(AsyncKernelManager):
    """Manages one batch kernel, in a private folder that holds its sockets.

    Unix sockets need no port numbers, so any number of runs can start kernels at once without
    taking each other's, and nobody else on the machine can connect.
    """

    memory = Integer(0, help="Bytes a kernel may allocate; 0: no limit.").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="so-", dir=sockets_folder()))
        if sys.platform != "win32":
            kwargs.setdefault("transport", "ipc")
        kwargs.setdefault("connection_file", str(self.folder / "k.json"))
        super().__init__(**kwargs)
        self.exit_code: int | None = None

    @default("kernel_spec_manager")
    def _kernel_spec_manager_default(self) -> KernelSpecManager:
        specs = BatchSpecs(parent=self, memory=self.memory)
        specs.log_file = str(self.folder / "log")
        return specs

    @default("client_factory")
    def _client_factory_default(self) -> type[AsyncKernelClient]:
        return BatchClient

    @property
    def ipykernel(self) -> bool:
        return True

    @property
    def pid(self) -> int | None:
        return getattr(self.provisioner, "pid", None)

    def note_end(self) -> None:
        """Remember how the kernel ended, if it has; the provisioner forgets it at cleanup."""
        forked = getattr(self.provisioner, "forked", None)
        process = getattr(self.provisioner, "process", None)
        ended = forked.poll() if forked else process.poll() if process else None
        if ended is not None:
            self.exit_code = ended

    def last_words(self) -> str:
        """What the kernel's native code wrote as it died, if anything."""
        try:
            return (self.folder / "log").read_text(errors="replace").strip()[-_LAST_WORDS:]
        except OSError:
            return ""

    async def _async_interrupt_kernel(self) -> None:
        # Before a shutdown the stock manager interrupts, which makes a dying notebook print a
        # traceback that nobody reads.
        if not self.shutting_down:
            await super()._async_interrupt_kernel()

    async def _async_wait(self, pollinterval: float = 0.1) -> None:
        while await self._async_is_alive():
            await asyncio.sleep(0.005)

    def remove_folder(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
