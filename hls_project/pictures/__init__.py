"""Pictures of a network and its hardware, of one look: SVG that follows the reader's light or dark scheme, and PNG."""
