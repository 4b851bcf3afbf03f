// Controls: what can have the focus, and what hears of clicks.
const CONTROLS = 'a[href], button, input, select, textarea, summary, [role="button"], [role="tab"], [role="link"], [tabindex]';
const shown = e => e.checkVisibility() && !e.closest('[hidden], [inert]');
const brief = e => e.outerHTML.replace(/\s+/g, ' ').slice(0, 140);
const controls = all(CONTROLS).filter(shown);

// What is read aloud, by the rules for names.
const name = e => {
  const by = e.getAttribute('aria-labelledby');
  if (by) return by.split(' ').map(id => document.getElementById(id)?.textContent ?? '').join(' ').trim();
  return (e.getAttribute('aria-label') ?? [...(e.labels ?? [])].map(label => label.textContent).join(' ')).trim()
    || (e.matches('input') ? '' : e.textContent.trim()) || e.getAttribute('title') || '';
};
const clicked = [...(heard.get('click') ?? [])].filter(e => e instanceof Element && e.isConnected)
  .concat(all('*').filter(e => e.onclick)).filter(shown);
const outlook = e => [e, ...all('*', e)].map(part => {
  const s = getComputedStyle(part);
  return [s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 && s.outlineColor, s.strokeWidth, s.stroke].join();
}).join('; ');

const found = { controls: controls.length };
found.nameless = controls.filter(e => !name(e)).map(brief);
found['out of order'] = controls.filter(e => e.tabIndex > 0).map(brief);
// A part of a group may stand aside if arrow keys move the focus from the one part that is a stop of the tab key to it.
const moved = new Set();
for (const group of all('svg[data-keys]')) {
  const parts = all('[tabindex]', group), stop = parts.filter(e => e.tabIndex === 0);
  if (stop.length !== 1) continue;
  stop[0].focus();
  for (const key of ['ArrowUp', 'ArrowDown']) for (const _ of parts) press(key, document.activeElement), moved.add(document.activeElement);
}
// The same for groups that say what of them moves the focus.
const led = e => {
  const group = e.closest('[data-rove]');
  return group && e.matches(group.dataset.rove) && all(group.dataset.rove, group).filter(part => part.tabIndex === 0).length === 1;
};
found.unreachable = controls.filter(e => e.tabIndex < 0 && !e.disabled && !moved.has(e) && !led(e)).map(brief);
// Whatever hears of clicks is a control, or has a control in it that does the same.
found['only for the mouse'] = clicked.filter(e => !e.matches(CONTROLS) && !e.querySelector(CONTROLS)).map(brief);
found['focus unseen'] = controls.filter(e => {
  document.activeElement?.blur();
  const before = outlook(e);
  e.focus();
  const unseen = document.activeElement !== e || !e.matches(':focus-visible') || outlook(e) === before;
  // It must not hide under the timeline, which stays in sight.
  return unseen;
}).map(brief);
// A drawn button answers to Enter and to space, as a real one does.
found['without Enter'] = all('[role="button"]').filter(shown).slice(0, 60).filter(e => {
  const last = e.dataset.id ?? e.getAttribute('aria-label');
  return ['Enter', ' '].some(key => e.isConnected && !press(key, e)) || !last;
}).map(brief);
return found;
