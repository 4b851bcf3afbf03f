const step = () => Number(one('#slider').value);
const pressed = (...keys) => keys.map(key => [press(key), step()]);
const playing = () => one('#play').getAttribute('aria-label');
const found = {};
found.arrows = pressed('ArrowRight', 'ArrowLeft', 'ArrowLeft', 'ArrowLeft');
found.ends = pressed('Home', 'ArrowLeft', 'End', 'ArrowRight');
press('Home');
found.played = [[press(' '), step(), playing()]];
await wait(3000);
found.played.push([press(' '), step(), playing()]);
await wait(3000);
found.played.push([false, step(), playing()]);
slide('#slider', steps() - 3);
press(' ');
await wait(9000);
found['to the end'] = [step(), playing()];
found.again = [press(' '), step(), playing()];
press('ArrowRight');
found['stopped by a step'] = [step(), playing()];

// What uses a key itself keeps it: nothing is prevented, and the tape stands still.
const uses = [
  ...['ArrowRight', 'ArrowLeft', 'Home', 'End'].flatMap(key => all('input:not([type="checkbox"])').map(input => [key, input])),
  ...all('input').map(input => [' ', input]),
  ...['ArrowRight', 'ArrowLeft', 'Home', 'End'].flatMap(key => all('[role="region"][tabindex="0"]').map(region => [key, region])),
  ...all('button:not([disabled]), a[href]').map(button => [' ', button]),
];
const still = (list, more) => list.filter(([key, at]) => {
  slide('#slider', 10);
  const before = playing();
  return press(key, at, more) || step() !== 10 || playing() !== before;
}).map(([key, at]) => `${key} at ${at.outerHTML.slice(0, 100)}`);
found['used elsewhere'] = still(uses);
const all_keys = ['ArrowRight', 'ArrowLeft', 'Home', 'End', ' ', 'a', 'Tab', 'Enter', 'PageDown'].map(key => [key, document.body]);
found['with other keys'] = [
  ...still(all_keys, { ctrlKey: true }), ...still(all_keys, { altKey: true }), ...still(all_keys, { metaKey: true }),
  ...still(all_keys.slice(5)),
];
return found;
