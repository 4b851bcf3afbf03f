// Everything is visited once, so that everything is drawn once.
chosen(0);
one('#full').click();
for (let t = 0; t < steps(); t++) slide('#slider', t);
slide('#training [type=range]', 0);
all('#network [data-sample]').at(-1)?.click();
await wait(50);
const names = all('*').map(e => e.tagName.toLowerCase());
// A label that is empty leaves its text out of a sentence, and nothing else.
return {
  hacked: 'hacked' in window,
  elements: ['script', 'style', 'img', 'b', 'iframe', 'a', 'meta', 'link', 'object', 'form', 'section', 'button', 'input', 'h1', 'h2', 'svg', 'math', 'table', 'tr', 'td']
    .map(name => `${name} ${names.filter(other => other === name).length}`),
  listeners: all('*').flatMap(e => [...e.attributes]).filter(a => /^on/.test(a.name) || /^\s*javascript:/.test(a.value) && a.name === 'href').map(a => a.name),
  node: one('#chain').dataset.node,
  labels: all('#table td button').map(b => b.textContent),
  heading: text('h1'),
};
