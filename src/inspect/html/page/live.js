// What follows the reader's hands: a training step, a leaf that was changed, a data point that was moved give the tape
// other numbers. They come from the engine of this page; where nothing differs, they are those of the recording.

const live = (() => {
  // For each run the leaf of each parameter, if the tape computes the loss of the run: the leaves bear the names of the
  // parameters, and with the numbers of the first and the last step the tape gives the losses that were recorded. Losses
  // and slopes that the tape gives are not sent.
  const leavesOf = data.runs.map(run => {
    if (!engine.able || data.output === null) return null;
    const leaves = run.parameters.map(name => tape.find(name));
    if (!leaves.length || leaves.some(i => i === null || !tape.isLeaf(i)) || new Set(leaves).size < leaves.length) return null;
    const found = frame => engine.run({ leaves: at(leaves, frame) });
    if (run.computed) {
      for (const frame of run.frames) {
        const { value, adjoint } = found(frame);
        Object.assign(frame, { loss: value[data.output], g: leaves.map(i => adjoint[i]) });
      }
      return leaves;
    }
    const follows = frame => {
      const [loss, value] = [real(frame.loss), found(frame).value[data.output]];
      return Object.is(loss, value) || Math.abs(loss - value) <= 1e-9 * Math.max(Math.abs(loss), 1e-9);
    };
    return run.frames.length && [run.frames[0], run.frames.at(-1)].every(follows) ? leaves : null;
  });
  function at(leaves, frame) {
    return new Map(leaves.map((i, p) => [i, real(frame.p[p])]));
  }

  // The observations that can be moved: the constants of the tape that hold them were found when the page was made.
  const network = data.network, samples = network?.samples.length ?? 0;
  const output = network?.layers.at(-1).length === 1 ? network.layers.at(-1)[0] : null;
  const predictedAt = j => output?.gives[j]?.node ?? null;
  const movable = engine.able && data.points !== null;
  const point = j => state.points.get(j) ?? [real(data.points[j].x), real(data.points[j].y)];

  // The constants of the tape for these inputs and observations, by node.
  function constantsFor(points) {
    const changed = new Map();
    const change = (i, k, x) => {
      if (!changed.has(i)) changed.set(i, [...reals(data.constants[i])]);
      changed.get(i)[k] = x;
    };
    for (const [j, [x, y]] of points) {
      const { inputs, at, negative } = data.points[j];
      for (const [i, k] of inputs) change(i, k, x);
      change(...at, negative ? -y : y);
    }
    return changed;
  }

  // The leaves as the training step and the reader's hands set them; only those that differ from the recording.
  function leavesNow() {
    const leaves = new Map(), of = leavesOf[state.run];
    if (of) for (const [i, x] of at(of, training.run().frames[training.now()])) leaves.set(i, x);
    for (const [i, x] of state.leaves) leaves.set(i, x);
    for (const [i, x] of leaves) if (Object.is(x, tape.recorded.value[i])) leaves.delete(i);
    return leaves;
  }

  let numbersOf = { leaves: new Map(), constants: new Map() };
  function settle() {
    if (!engine.able) return;
    if (!movable && state.points.size) state.points = DEFAULTS.points;
    numbersOf = { leaves: leavesNow(), constants: constantsFor(state.points) };
    const changed = numbersOf.leaves.size || numbersOf.constants.size;
    tape.put(changed ? engine.run(numbersOf) : tape.recorded, numbersOf.constants);
  }

  // The value of a node with more leaves and constants changed than those that are, again and again.
  const along = node => engine.along(numbersOf, node);

  // The descent that goes on by hand: where it was before each of its steps.
  let trail = [];
  function keep() {
    const { value, adjoint } = tape;
    trail.push({ leaves: new Map(leavesOf[state.run].map(i => [i, value[i]])), at: i => [value[i], value[data.output], adjoint[i]] });
  }

  // A step against the slope, of every parameter of the run: the recorded one while nothing was changed, else our own.
  const rate = () => state.rate ?? real(training.run().frames[training.now()].rate);
  function step() {
    const leaves = leavesOf[state.run], { frames } = training.run(), k = training.now();
    if (!leaves) return;
    const asRecorded = !state.leaves.size && !state.points.size && state.rate === null;
    if (asRecorded && k + 1 < frames.length && frames[k + 1].step === frames[k].step + 1) {
      training.moveTo(k + 1);
      return;
    }
    const by = rate();
    keep();
    set({ leaves: new Map([...state.leaves, ...leaves.map(i => [i, tape.value[i] - by * tape.adjoint[i]])]) });
  }
  const reset = () => {
    trail = [];
    set({ leaves: DEFAULTS.leaves, points: DEFAULTS.points, rate: null });
  };
  const isChanged = () => state.leaves.size > 0 || state.points.size > 0 || state.rate !== null;

  // Without a word the page shows the tape as it was recorded: at the step of the first run that has its numbers, if one does.
  const first = leavesOf[0] && data.runs[0].frames.find(frame => [...at(leavesOf[0], frame)].every(([i, x]) => Object.is(x, tape.recorded.value[i])));
  if (first) DEFAULTS.step = first.step;

  const isLive = () => Boolean(leavesOf[state.run]);
  return {
    get trail() { return trail; },
    isLive, leavesOf, leavesAt: k => at(leavesOf[state.run], training.run().frames[k]), movable, predictedAt, samples, point, constantsFor, settle, along, rate, step, reset, isChanged };
})();
