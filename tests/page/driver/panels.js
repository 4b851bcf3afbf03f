const sections = all('main > section');
const levels = all('h1, h2, h3, h4').filter(h => h.checkVisibility());
const wrong = levels.filter((h, k) => {
  const level = Number(h.tagName[1]), before = k ? Number(levels[k - 1].tagName[1]) : 0;
  return level > before + 1 || (level === 1) !== (k === 0) || !h.textContent.trim();
});
const ids = all('[id]').map(e => e.id);
return {
  ready: document.body.dataset.ready,
  panels: sections.map(s => s.id),
  // A heading and more, and the heading names the panel.
  empty: sections.filter(s => s.checkVisibility() && (s.textContent.length < 40 || s.getBoundingClientRect().height < 60
    || document.getElementById(s.getAttribute('aria-labelledby'))?.closest('section') !== s)).map(s => s.id),
  headings: wrong.map(h => h.outerHTML),
  ids: ids.filter((id, k) => ids.indexOf(id) !== k),
};
