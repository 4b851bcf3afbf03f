// Build the panels, read the address, start.

function header() {
  const output = data.output === null ? 'The output is a constant.'
    : `${tape.name(data.output)} = ${show(tape.value[data.output], 10)}, by ${plural(tape.count, 'node')}.`;
  document.getElementById('summary').textContent = output;
  document.getElementById('footer').textContent = `Made by ${data.generator}.`;
  const next = () => (theme() === 'dark' ? 'light' : 'dark');
  document.getElementById('tools').append(button(sign('theme'), 'Light or dark', () => set({ theme: next() }), { id: 'theme' }));
  dark.addEventListener('change', () => set({}));
}

header();
timelinePanel();
// An error comes before all else.
const isBad = data.findings.some(finding => finding.severity === 'error');
if (isBad) findingsPanel();
graphPanel();
chainPanel();
networkPanel();
tablePanel();
trainingPanel();
fitPanel();
slicePanel();
tracePanel('loss', 'The loss by step', 'loss', 'The loss by step');
tracePanel('norm', 'The norm of the gradient', 'norm', 'The norm of the gradient by step');
if (!isBad) findingsPanel();
checkPanel();
statisticsPanel();
aboutPanel();

keysPanel();

readFragment();
isReady = true;
addEventListener('hashchange', readFragment);
document.body.dataset.ready = '1';
