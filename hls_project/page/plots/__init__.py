"""The page's pictures: SVG that follows the reader's light or dark scheme."""
