// The timeline: forwards computes values, backwards computes adjoints, one node a step.

// Say what happens at a step.
function sentence(t) {
  const i = tape.nodeAt(t), name = tape.name(i);
  if (t < tape.count) {
    const does = tape.isLeaf(i) ? [] : [' = ', tape.inNames(i), ' = ', tape.inNumbers(i)];
    return ['Forwards. ', html('b', {}, name), ...does, ' = ', html('b', { class: 'number value' }, show(tape.value[i]))];
  }
  const head = ['Backwards. ', html('b', {}, name)];
  if (!tape.connected(i)) return [...head, ' is not connected to the output: nothing flows back.'];
  const done = [...head, ' has its adjoint, ', html('b', { class: 'number adjoint' }, show(tape.adjoint[i])), '. '];
  if (tape.isLeaf(i)) return [...done, 'It is an input: this is its slope.'];
  const flowing = flows(i);
  if (!flowing.length) return [...done, 'It is 0, so nothing flows back.'];
  const spelled = flowing.slice(0, 4).map(({ operand, partial, before, after }, k) => [
    k ? '; ' : 'It flows on: ',
    html('b', {}, tape.name(operand)),
    html('span', { class: 'number' }, ` ${show(before)} + ${factor(partial)} \u00b7 ${factor(tape.adjoint[i])} = ${show(after)}`),
  ]);
  const more = flowing.length - spelled.length;
  return [...done, ...spelled.flat(), more > 0 ? `; and ${more} more.` : '.'];
}

const tapePlayer = player(() => {
  if (state.t >= END) return false;
  set({ t: state.t + 1 });
  return state.t < END;
}, 900);

const go = t => {
  tapePlayer.stop();
  set({ t: clamp(t, 0, END) });
};
const play = () => {
  if (!tapePlayer.playing() && state.t >= END) set({ t: 0 });
  tapePlayer.toggle();
};

function timelinePanel() {
  if (!tape.count) return;
  panel('timeline', 'Timeline', '', (section, head) => {
    head.classList.add('said');
    const playing = button(sign('play'), 'Play', play, { class: 'main', id: 'play' });
    const buttons = html('div', { class: 'buttons', role: 'group', 'aria-label': 'Steps of the tape' },
      button(sign('first'), 'First step (Home)', () => go(0)),
      button(sign('back'), 'One step back (left arrow)', () => go(state.t - 1)),
      playing,
      button(sign('on'), 'One step on (right arrow)', () => go(state.t + 1)),
      button(sign('last'), 'Last step (End)', () => go(END)));
    const slider = html('input', {
      type: 'range', min: 0, max: END, id: 'slider', 'aria-label': 'Step of the tape',
      oninput: event => go(Number(event.target.value)),
    });
    const phase = html('span', { class: 'phase' });
    const line = html('p', { id: 'sentence', 'aria-live': 'polite' });
    section.append(
      html('div', { class: 'row' }, buttons, html('div', {}, html('div', { class: 'ticks' }), slider), phase), line);
    return before => {
      slider.value = state.t;
      slider.setAttribute('aria-valuetext', `step ${state.t + 1} of ${tape.steps}`);
      phase.textContent = `${state.t < tape.count ? 'forwards' : 'backwards'}, step ${state.t + 1} of ${tape.steps}`;
      replace(playing, sign(tapePlayer.playing() ? 'pause' : 'play'));
      playing.setAttribute('aria-label', tapePlayer.playing() ? 'Pause (space)' : 'Play (space)');
      if (before.t !== state.t || before.version !== state.version) replace(line, sentence(state.t));
    };
  });
}

// Keys belong to the timeline, unless what has the focus uses them itself.
const KEYS = {
  ArrowRight: () => go(state.t + 1),
  ArrowLeft: () => go(state.t - 1),
  Home: () => go(0),
  End: () => go(END),
  ' ': play,
};
document.addEventListener('keydown', event => {
  const own = event.target.closest?.('input:not([type="checkbox"]), select, textarea, [data-keys]');
  const pressed = event.key === ' ' && event.target.closest?.('button, [role="button"], a, input');
  if (own || pressed || event.altKey || event.ctrlKey || event.metaKey || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});
