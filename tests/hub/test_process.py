"""The client's environment variables, which it reads once, and the command. Each test is a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.hub.server import TOKEN, Hub


def run(hub: Hub, cache: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flax_albert.cli", "fill-mask", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("HF_")},
            "HF_ENDPOINT": hub.url,
            "HF_HUB_CACHE": str(cache),
            "HF_HUB_DISABLE_XET": "1",
            **variables,
        },
    )


def test_the_command_takes_hub_ids(hub: Hub, saved: dict[str, bytes], cache: Path) -> None:
    hub.add("me/secret", saved, private=True)
    refused = run(hub, cache, "--model", "me/secret", "the [MASK]")
    assert refused.returncode == 2
    assert refused.stderr.startswith(f"flax-albert: error: {hub.url} has no repository 'me/secret', or it is private")
    assert refused.stderr.count("\n") == 1

    answered = run(hub, cache, "--json", "--model", "me/secret", "the [MASK]", HF_TOKEN=TOKEN)
    assert answered.returncode == 0, answered.stderr
    assert answered.stderr == ""
    assert len(json.loads(answered.stdout)["masks"][0]) == 5

    hub.forget()
    offline = run(hub, cache, "--json", "--model", "me/secret", "the [MASK]", TRANSFORMERS_OFFLINE="1")
    assert offline.stdout == answered.stdout
    assert not hub.requests
