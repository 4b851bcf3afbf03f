// What is seen, panel by panel: the document, and what controls hold that is no attribute.
const snapshot = () => Object.fromEntries(all('main > section').map(section => [
  section.id,
  [section.outerHTML, ...all('input', section).map(input => `${input.value} ${input.checked}`)].join('\n'),
]).concat([['theme', document.documentElement.dataset.theme], ['header', one('header').outerHTML]]));
