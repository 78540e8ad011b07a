"""What somebody's export holds."""

import io
import json
import zipfile
from hashlib import sha256
from typing import Any

from tests.privacy.likeness import alike
from tests.world import World


def exported(world: World, user: str) -> dict[str, Any]:
    """What the newest zip in somebody's direct messages holds, JSON read."""
    shared = [message for message in world.dms(user) if message.files]
    file = world.engine.workspace.files[shared[-1].files[0]["id"]]
    found: dict[str, Any] = {}
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            found[name] = json.loads(content) if name.endswith(".json") else content
    return found


def export_of(world: World, user: str) -> str:
    """Somebody's export as one text, a line for each row; pictures by their bytes."""
    world.advance(seconds=2)  # Slack takes one message a second in a conversation
    world.command(user, "/badges", "export")
    lines: list[str] = []
    for name, content in exported(world, user).items():
        rows = content if isinstance(content, list) else [sha256(content).hexdigest()[:12]]
        lines += [alike(f"{name} {json.dumps(row, ensure_ascii=False)}") for row in rows]
        lines.append(alike(f"{name}: {len(rows)}"))
    # What happened at one moment is kept in no order.
    return "\n".join(sorted(lines))
