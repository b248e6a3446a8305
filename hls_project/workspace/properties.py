"""What a model says of itself: its data set, its classes. Kept beside it, for reading a model takes its library."""

from __future__ import annotations

from dt_scnn.files import read_json, sha256, write_json
from hls_project.workspace.folder import Workspace

FILE = "properties.json"


def properties(workspace: Workspace) -> dict[str, str]:
    """Return the metadata of the workspace's model.

    Raises:
        ConfigurationError: its file is missing, damaged or something else.
    """
    kept, digest = workspace.folder / FILE, sha256(workspace.model) if workspace.model.is_file() else ""
    try:
        content = read_json(kept)
        if digest and content["model"] == digest:
            return {str(key): str(value) for key, value in content["properties"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass  # it is written anew
    from hls_project.graph.validate import load_proto

    found = {prop.key: prop.value for prop in load_proto(workspace.model).metadata_props}
    write_json(kept, {"model": digest, "properties": found})
    return found
