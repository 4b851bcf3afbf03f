// What is seen, panel by panel: the document, and what controls hold that is no attribute.
const written = e => {
  const attributes = [...e.attributes].map(a => ` ${a.name}="${a.value}"`).sort().join('');
  const inside = [...e.childNodes].map(child => (child instanceof Element ? written(child) : child.textContent)).join('');
  return `<${e.tagName}${attributes}${e.matches('input, select') ? ` holds ${e.value} ${e.checked}` : ''}>${inside}`;
};
const snapshot = () => Object.fromEntries([
  ...all('main > section').map(section => [section.id, written(section)]),
  ['theme', document.documentElement.dataset.theme], ['header', written(one('header'))],
]);
