// Build the panels, read the address, start.

function header() {
  const summary = document.getElementById('summary');
  panels.push({
    id: 'summary',
    update: () => {
      summary.textContent = data.output === null ? 'The output is a constant.'
        : `${tape.name(data.output)} = ${show(tape.value[data.output], 10)}, by ${plural(tape.count, 'node')}.`;
    },
  });
  document.getElementById('footer').textContent = `Made by ${data.generator}.`;
  const next = () => (theme() === 'dark' ? 'light' : 'dark');
  document.getElementById('tools').append(button(sign('theme'), 'Light or dark', () => set({ theme: next() }), { id: 'theme' }));
  const link = () => take('A link to what is shown', 'link.txt', location.href.split('#')[0] + toFragment());
  document.getElementById('tools').prepend(button('search', 'Search nodes (/)', openSearch, { id: 'find' }), button('link', 'A link to what is shown', link));
  document.getElementById('tools').prepend(findingsBadge());
  dark.addEventListener('change', () => set({}));
}

header();
changedBanner();
// An error comes before all else.
const isBad = data.findings.some(finding => finding.severity === 'error');
if (isBad) findingsPanel();
// The story: what the network does, and how it learns.
trainingPanel();
networkPanel();
fitPanel();
storyPanel();
slicePanel();
stepsPanel();
// The tape.
timelinePanel();
graphPanel();
chainPanel();
tablePanel();
if (data.pattern) patternPanel();
// Notes.
tracePanel('loss', 'The loss by step', 'loss', 'The loss by step');
tracePanel('norm', 'The norm of the gradient', 'norm', 'The norm of the gradient by step');
layersPanel();
activationsPanel();
if (!isBad) findingsPanel();
checkPanel();
comparedPanel();
statisticsPanel();
aboutPanel();
tour();

keysPanel();

readFragment();
measureNow();
isReady = true;
addEventListener('hashchange', readFragment);
document.body.dataset.ready = '1';
