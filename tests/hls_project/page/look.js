// What a reader would stumble over on a page: a list of sentences, empty if all is well.
() => {
  const found = [];
  const width = document.documentElement.clientWidth;
  const named = (node) => `<${node.tagName.toLowerCase()} class="${node.className}"> "${node.textContent.trim().slice(0, 30)}"`;
  if (document.documentElement.scrollWidth > width) {
    found.push(`the page is ${document.documentElement.scrollWidth} px wide on a screen of ${width}`);
  }

  const hidden = (node) => getComputedStyle(node).clipPath !== "none" || node.closest("thead") !== null
    && getComputedStyle(node.closest("thead")).clipPath !== "none";
  const visible = [...document.body.querySelectorAll("*")].filter((node) => node.getClientRects().length && !hidden(node));
  for (const node of visible) {
    const box = node.getBoundingClientRect();
    if (box.left < -0.5 || box.right > width + 0.5) found.push(`${named(node)} leaves the screen`);
    const frame = node.parentElement.closest("section, figure, .tile, .missing, td, li");
    if (frame) {
      const around = frame.getBoundingClientRect();
      const out = Math.max(around.left - box.left, box.right - around.right, around.top - box.top, box.bottom - around.bottom);
      if (out > 1) found.push(`${named(node)} leaves ${named(frame)} by ${out.toFixed(1)} px`);
    }
  }

  for (const image of document.images) {
    if (!image.complete || !image.naturalWidth) found.push(`the picture "${image.alt.slice(0, 30)}" is not shown`);
    if (image.getBoundingClientRect().width < 150) found.push(`the picture "${image.alt.slice(0, 30)}" is too small`);
    if (!image.alt) found.push("a picture has no words");
  }

  // WCAG 2: relative luminance, and the contrast of text with what is behind it.
  const rgba = (text) => text.match(/[\d.]+/g).map(Number);
  const luminance = (colour) => colour.slice(0, 3)
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (node) => {
    for (let one = node; one; one = one.parentElement) {
      const colour = rgba(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  };
  let texts = 0;
  for (const node of visible) {
    if (![...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent.trim())) continue;
    texts += 1;
    const style = getComputedStyle(node);
    const [low, high] = [luminance(rgba(style.color)), luminance(behind(node))].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) found.push(`${named(node)} has a contrast of ${contrast.toFixed(2)}`);
    if (parseFloat(style.fontSize) < 11) found.push(`${named(node)} is ${style.fontSize} high`);
  }
  if (texts < 100) found.push(`only ${texts} pieces of text were looked at`);
  return found;
}
