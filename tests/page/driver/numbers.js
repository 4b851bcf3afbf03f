// Where the parts of every number stand: a sign left of the first digit, a digit left of the next.
const turned = [];
let looked = 0;
const range = document.createRange();
const place = (node, k) => {
  range.setStart(node, k);
  range.setEnd(node, k + 1);
  return [...range.getClientRects()].find(rect => rect.width > 0);
};
function measure(node, where) {
  for (const { index } of node.data.matchAll(/[\u2212-]6\.5/g)) {
    const places = [0, 1, 2, 3].map(k => place(node, index + k));
    // What is not seen, or folds at the sign, has no order on a line.
    if (places.some(rect => !rect || Math.abs(rect.top - places[1].top) > 3)) continue;
    looked++;
    if (places.some((rect, k) => k && rect.left < places[k - 1].left)) turned.push(`${where}: ${node.data}`);
  }
}
function look() {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walk.nextNode());) {
    if (!node.parentElement.closest('script, style, title, textarea')) measure(node, node.parentElement.tagName);
  }
  // What is read aloud or shown when pointed at is laid out as plain text.
  const plain = document.body.appendChild(document.createElement('div'));
  const texts = all('[title], [aria-label], option, svg title').flatMap(e => [e.getAttribute('title'), e.getAttribute('aria-label'), e.matches('option, title') ? e.textContent : '']);
  for (const text of new Set(texts.filter(text => text?.includes('6.5')))) {
    plain.textContent = text;
    measure(plain.firstChild, 'an attribute');
  }
  plain.remove();
}
await wait(50);
look();
if (document.querySelector('#table')) {
  for (const row of all('#table tr[data-id]').map(row => row.dataset.id)) {
    chosen(row);
    look();
  }
  for (let t = 0; t < steps(); t++) {
    slide('#slider', t);
    look();
  }
}
return { looked, turned: [...new Set(turned)] };
