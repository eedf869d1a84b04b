'use strict';

// Draws what /live sends: one JSON object a message. Nothing here is needed by the pipeline.

const colours = {
  text: '#d5dbe2', muted: '#76818d', line: '#222932', calm: '#5eb3a6', note: '#d5a149', alarm: '#d0665c', blue: '#6b9ed0',
  sensor: '#46525f', track: '#10141a',
};
const kindNames = ['FRESH', 'CUT_SHORT', 'FALLBACK', 'STARTING', 'DESCRIPTION']; // as PlannerMessage.Kind is ordered
const kindColours = {FRESH: colours.calm, CUT_SHORT: colours.note, FALLBACK: colours.alarm, STARTING: colours.muted};
const kindWords = {FRESH: 'fresh', CUT_SHORT: 'cut short', FALLBACK: 'fallback', STARTING: 'starting', DESCRIPTION: 'description'};
const faultWords = {LOST: 'lost', LATE: 'late', FROZEN: 'frozen', BLACK: 'black'};

const at = id => document.getElementById(id);

function text(id, value) {
  const element = at(id);
  if (element.textContent !== value) element.textContent = value;
}

function word(name) {
  return name.toLowerCase().replaceAll('_', ' ');
}

function fixed(value, digits) {
  return Number.isFinite(value) ? value.toFixed(digits).replace('-', '−') : '–';
}

function signed(value, digits) {
  return (value > 0 ? '+' : '') + fixed(value, digits);
}

/** A canvas in device pixels; drawing stays in CSS pixels. */
function pen(id) {
  const canvas = at(id);
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = '11px system-ui, "DejaVu Sans", sans-serif';
  return {context, width, height};
}

/** Cells stand where the server says; as wide as the column is, never more than 46 % of the window high. */
function mosaic(state) {
  const box = at('mosaic');
  while (box.children.length < state.cameras.length) {
    const camera = document.createElement('div');
    camera.className = 'camera';
    camera.innerHTML = '<img alt=""><canvas></canvas><span class="name"></span>';
    box.append(camera);
  }
  const shape = Math.min(...state.cameras.map(camera => camera.width / camera.height));
  const gaps = 4 * (state.rows - 1);
  const most = (Math.max(240, window.innerHeight * .43) - gaps) / state.rows * shape;
  const room = (box.parentElement.clientWidth - 4 * (state.columns - 1)) / state.columns;
  box.style.gridTemplateColumns = `repeat(${state.columns}, ${Math.floor(Math.min(most, room))}px)`;
  box.style.justifyContent = 'center';
  state.cameras.forEach((camera, i) => {
    const element = box.children[i];
    element.style.gridColumn = camera.column + 1;
    element.style.gridRow = camera.row + 1;
    element.style.aspectRatio = `${camera.width} / ${camera.height}`;
    element.classList.toggle('stale', !camera.jpeg);
    if (camera.jpeg) element.querySelector('img').src = 'data:image/jpeg;base64,' + camera.jpeg;
    const kept = camera.kept ? [...camera.kept].filter(one => one === '1').length : 0;
    element.querySelector('.name').textContent = !camera.jpeg
      ? `${camera.name}: not in this message`
      : camera.kept ? `${camera.name} ${kept}/${camera.rows * camera.cols}` : camera.name;
    patches(element.querySelector('canvas'), camera);
  });
}

/** Patches that went to the decoder are left as they are, the others are dimmed. */
function patches(canvas, camera) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (!camera.jpeg || !camera.kept || camera.kept.length !== camera.rows * camera.cols) return;
  const w = width / camera.cols;
  const h = height / camera.rows;
  for (let i = 0; i < camera.kept.length; i++) {
    const x = (i % camera.cols) * w;
    const y = Math.floor(i / camera.cols) * h;
    if (camera.kept[i] === '0') {
      context.fillStyle = 'rgba(10, 13, 17, .74)';
      context.fillRect(x, y, w, h);
    } else {
      context.strokeStyle = 'rgba(94, 179, 166, .30)';
      context.lineWidth = 1;
      context.strokeRect(x + 1, y + 1, w - 2, h - 2);
    }
  }
}

function words(state) {
  text('source', state.source);
  text('page', `page ${fixed(100 * state.pageShare, 0)} % of a core`);
  const kind = at('kind');
  kind.className = 'gauge kind ' + state.kind;
  kind.firstElementChild.textContent = kindWords[state.kind] || state.kind;
  text('reason', state.reason);
  text('age', fixed(state.ageMs, 0));
  at('age').parentElement.classList.toggle('late', state.ageMs > state.budgetMs);
  text('budget', fixed(state.budgetMs, 0));
  text('degrade', state.level);
  at('degradeBox').title = [state.decision, state.stagesOut, state.pauses].filter(Boolean).join('\n');
  at('degradeBox').classList.toggle('worse', state.degradeLevel > 0);
  text('misses', String(state.misses));
  text('deadlines', String(state.deadlines));
  text('tokens', String(state.tokensKept));
  text('tokensTotal', String(state.tokensTotal));
  text('layer', String(state.exitLayer));
  const name = state.action ? state.action.maneuver : '';
  at('maneuver').className = name;
  text('maneuver', name ? word(name) : 'no action');
  text('confidence', fixed(state.confidence, 2));
  text('speed', fixed(state.speedMps, 1));
  text('setSpeed', fixed(state.setSpeedMps, 1));
  text('accel', signed(state.accelMps2, 2));
  text('phase', word(state.phase));
  text('set', state.set >= 0 ? String(state.set) : '–');
  text('sentence', state.sentence || (state.kind === 'STARTING' ? 'Warming up.' : 'Nothing said.'));
  const scene = state.scene;
  const said = ['road', 'daylight', 'weather'].filter(fact => scene[fact] !== 'UNKNOWN').map(fact => word(scene[fact]));
  const loud = [['light', 'light '], ['sign', 'sign '], ['hazard', '']]
    .filter(([fact]) => scene[fact] !== 'NONE' && scene[fact] !== 'UNKNOWN').map(([fact, before]) => before + word(scene[fact]));
  const facts = at('facts');
  facts.replaceChildren(said.join(', ') || 'no facts');
  if (loud.length) {
    const strong = document.createElement('b');
    strong.textContent = loud.join(', ');
    facts.append('  ·  ', strong);
  }
  facts.append('  ·  ', state.sensorsMissing.length ? 'without ' + state.sensorsMissing.join(', ') : 'from every sensor');
  facts.append('  ·  ', state.egoSource === 'NONE' ? 'own motion unknown' : `own motion ${word(state.egoSource)}, ${fixed(state.egoAgeMs, 0)} ms old`);
  text('clocks', state.clocks.length ? 'clocks: ' + state.clocks.join('; ') : '');
}

/** Acceleration as bars, curvature as a line, over the steps of the plan. */
function plan(state) {
  const {context, width, height} = pen('plan');
  const left = 34;
  const middle = height * .4;
  const scale = middle - 8;
  context.strokeStyle = colours.line;
  context.fillStyle = colours.muted;
  context.beginPath();
  context.moveTo(left, middle);
  context.lineTo(width, middle);
  context.stroke();
  context.fillText('m/s²', 0, 9);
  context.fillText('0', 22, middle + 4);
  if (!state.action) return;
  const n = state.action.accel.length;
  const step = (width - left) / n;
  state.action.accel.forEach((value, i) => {
    const size = Math.max(-1.25, Math.min(1, value / (value < 0 ? 4.5 : 3))) * scale;
    context.fillStyle = value < -.3 ? colours.alarm : value > .3 ? colours.calm : colours.muted;
    context.fillRect(left + i * step + 2, middle - Math.max(size, 0), step - 4, Math.max(Math.abs(size), 1));
  });
  const low = height - 10;
  context.fillStyle = colours.muted;
  context.fillText('1/m', 0, low + 4);
  context.strokeStyle = colours.line;
  context.beginPath();
  context.moveTo(left, low);
  context.lineTo(width, low);
  context.stroke();
  context.strokeStyle = colours.blue;
  context.lineWidth = 2;
  context.beginPath();
  state.action.curvature.forEach((value, i) => {
    const y = low - Math.max(-1, Math.min(1, value / .1)) * 9;
    if (i) context.lineTo(left + (i + .5) * step, y);
    else context.moveTo(left + (i + .5) * step, y);
  });
  context.stroke();
}

/** Totals of the last messages, each one, whether the page drew it or not. */
function history(state) {
  const {context, width, height} = pen('history');
  const top = Math.max(state.budgetMs * 1.25, ...state.ages.map(age => Math.min(age, state.budgetMs * 2.5)));
  const y = ms => height - (height - 2) * Math.min(ms, top) / top;
  const step = width / Math.max(120, state.ages.length);
  state.ages.forEach((age, i) => {
    context.fillStyle = kindColours[kindNames[state.kinds.charCodeAt(i) - 48]] || colours.muted;
    const x = width - (state.ages.length - i) * step;
    context.fillRect(x, y(age), Math.max(step - .7, .8), height - y(age));
  });
  deadline(context, 0, width, y(state.budgetMs), true);
  text('sets', `${state.ages.length} messages`);
}

function deadline(context, from, to, place, across) {
  context.strokeStyle = colours.note;
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(across ? from : place, across ? place : from);
  context.lineTo(across ? to : place, across ? place : to);
  context.stroke();
  context.setLineDash([]);
}

let bars = []; // of the waterfall, for the mouse

/** One row a sensor (its arrival, then its encoding), one for each other kind of slice, one for the message. */
function waterfall(state) {
  const {context, width, height} = pen('waterfall');
  bars = [];
  const set = state.waterfall;
  if (!set) {
    context.fillStyle = colours.muted;
    context.fillText(state.kind === 'STARTING' ? 'no set yet' : 'no set in this message: ' + state.reason, 2, 16);
    return;
  }
  const rows = set.sensors.map(sensor => ({name: sensor.name, value: sensor.presence === 'PRESENT' ? sensor.ms : NaN,
    bars: sensor.presence === 'PRESENT' ? [[sensor.name + ' arrives', 0, sensor.ms, colours.sensor]] : [],
    note: sensor.presence === 'PRESENT' ? '' : sensor.presence.toLowerCase()}));
  rows.push({name: 'set', value: set.readyMs, bars: [['set ready', 0, set.readyMs, '#33404d']]});
  const others = new Map();
  for (const slice of set.slices) {
    const span = slice.toMs - slice.fromMs;
    const sensor = rows.find(row => slice.name === 'encode ' + row.name);
    if (sensor) {
      sensor.bars.push([slice.name, slice.fromMs, slice.toMs, colours.blue]);
      sensor.value = span;
      continue;
    }
    const name = slice.name.replace(/ \d+$/, '');
    if (!others.has(name)) others.set(name, {name, value: 0, bars: []});
    const row = others.get(name);
    row.value += span;
    row.bars.push([slice.name, slice.fromMs, slice.toMs, /^action/.test(name) ? colours.calm : /^(sentence|verify|draft|fact)/.test(name) ? '#a58a5c' : '#4f7fb0']);
  }
  rows.push(...others.values());
  const before = set.slices.filter(slice => slice.toMs <= set.messageMs); // an action goes ahead of its text
  const last = before.length ? before[before.length - 1].toMs : set.readyMs;
  rows.push({name: 'message', value: set.messageMs, bars: [['message', last, set.messageMs, kindColours[state.kind]]], end: set.messageMs});
  const left = 88;
  const right = width - 38;
  const line = Math.min(20, (height - 14) / rows.length);
  const most = Math.max(state.budgetMs * 1.08, set.messageMs * 1.03, ...set.slices.map(slice => slice.toMs));
  const x = ms => left + (right - left) * Math.max(0, ms) / most;
  const bottom = line * rows.length;
  context.fillStyle = colours.muted;
  context.lineWidth = 1;
  for (let ms = 0; ms <= most; ms += most > 240 ? 50 : most > 120 ? 20 : 10) {
    context.strokeStyle = '#1b2129';
    context.beginPath();
    context.moveTo(x(ms), 0);
    context.lineTo(x(ms), bottom);
    context.stroke();
    context.fillStyle = '#56616d';
    context.fillText(String(ms), x(ms) - (ms ? 6 : 2), bottom + 12);
  }
  context.font = `${Math.min(11, Math.max(8, line - 3))}px system-ui, "DejaVu Sans", sans-serif`;
  rows.forEach((row, i) => {
    const y = i * line;
    const base = y + line / 2 + 4;
    context.fillStyle = row.note ? colours.alarm : colours.muted;
    context.fillText(row.name.length > 15 ? row.name.slice(0, 14) + '…' : row.name, 0, base);
    for (const [name, from, to, colour] of row.bars) {
      const wide = Math.max(1.5, x(to) - x(from) - .6);
      context.fillStyle = colour;
      context.fillRect(x(from), y + 2, wide, Math.max(2, line - 4));
      bars.push({name, from, to, left: x(from), right: x(from) + wide, top: y, bottom: y + line});
    }
    if (row.end !== undefined) {
      context.fillStyle = kindColours[state.kind];
      context.fillRect(x(row.end) - 1.5, y, 3, line);
    }
    if (row.note) {
      context.fillStyle = colours.alarm;
      context.fillText(row.note, left + 4, base);
    } else {
      context.fillStyle = colours.text;
      const value = fixed(row.value, 1);
      context.fillText(value, width - context.measureText(value).width, base);
    }
  });
  deadline(context, 0, bottom, x(state.budgetMs), false);
}

at('waterfall').addEventListener('mousemove', event => {
  const bar = bars.find(one => event.offsetX >= one.left - 1 && event.offsetX <= one.right + 1
    && event.offsetY >= one.top && event.offsetY < one.bottom);
  event.target.title = bar ? `${bar.name}: ${fixed(bar.to - bar.from, 2)} ms, from ${fixed(bar.from, 1)} to ${fixed(bar.to, 1)}` : '';
});

function bytes(base64) {
  const raw = atob(base64);
  const array = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) array[i] = raw.charCodeAt(i);
  return array;
}

const shapes = { // length, width, metres
  CAR: [4.5, 1.8], TRUCK: [8.5, 2.5], CYCLIST: [1.8, .7], PEDESTRIAN: [.6, .6], CONES: [.5, .5],
};
const zones = {LEFT: [-8, 6, 1.2, 7], RIGHT: [-8, 6, -7, -1.2], BEHIND: [-28, -1.2, -1.6, 1.6]}; // x, x, y, y
const motionColours = {CLOSING: colours.alarm, OPENING: colours.calm, CROSSING: colours.note, STEADY: colours.text, UNKNOWN: colours.muted};

/** base_link from above: forward is up, left is left. */
function above(state) {
  const {context, width, height} = pen('above');
  const around = state.cameras.some(camera => Math.abs(camera.yaw) > 1.7);
  const ahead = 46;
  const behind = around ? 26 : 8;
  const scale = height / (ahead + behind);
  const px = (x, y) => [width / 2 - y * scale, height - (x + behind) * scale];
  grid(context, width, height, px, ahead, behind);
  for (const camera of state.cameras) {
    const [u, v] = px(camera.x, camera.y);
    const reach = Math.min(34, 14 * 1.57 / camera.hfov) * scale;
    const middle = -Math.PI / 2 - camera.yaw;
    context.fillStyle = camera.jpeg ? 'rgba(107, 158, 208, .07)' : 'rgba(208, 102, 92, .10)';
    context.strokeStyle = camera.jpeg ? 'rgba(107, 158, 208, .22)' : 'rgba(208, 102, 92, .35)';
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(u, v);
    context.arc(u, v, reach, middle - camera.hfov / 2, middle + camera.hfov / 2);
    context.closePath();
    context.fill();
    context.stroke();
  }
  const points = new DataView(bytes(state.points).buffer);
  for (let i = 0; i + 5 < points.byteLength; i += 6) {
    const z = points.getInt16(i + 4, true) / 100;
    const [u, v] = px(points.getInt16(i, true) / 100, points.getInt16(i + 2, true) / 100);
    context.fillStyle = z < .25 ? '#33404e' : z < 1 ? '#7fa3bd' : '#b9cbd8';
    context.fillRect(u, v, z < .25 ? 1 : 1.6, z < .25 ? 1 : 1.6);
  }
  if (state.action && state.action.path) {
    const path = state.action.path;
    context.strokeStyle = colours.calm;
    context.lineWidth = 3;
    context.lineCap = 'round';
    context.globalAlpha = .85;
    context.beginPath();
    for (let i = 0; i + 1 < path.length; i += 2) {
      const [u, v] = px(path[i] + 3.8, path[i + 1]);
      if (i) context.lineTo(u, v);
      else context.moveTo(u, v);
    }
    context.stroke();
    context.globalAlpha = 1;
  }
  const [u0, v0] = px(3.8, .9);
  context.fillStyle = '#1b222b';
  context.strokeStyle = colours.text;
  context.lineWidth = 1.2;
  context.beginPath();
  context.roundRect(u0, v0, 1.8 * scale, 4.7 * scale, .5 * scale);
  context.fill();
  context.stroke();
  const labels = [];
  for (const object of state.objects) drawObject(context, object, px, scale, labels);
  const placed = [];
  for (const {label, colour, u, v} of labels) {
    const wide = context.measureText(label).width;
    const left = Math.max(3, Math.min(width - wide - 5, u));
    let line = Math.max(11, Math.min(height - 4, v));
    while (placed.some(other => Math.abs(other.line - line) < 15 && Math.abs(other.left - left) < 130)) line += 15;
    placed.push({line, left});
    context.fillStyle = 'rgba(13, 16, 20, .8)';
    context.fillRect(left - 3, line - 10, wide + 6, 14);
    context.fillStyle = colour;
    context.fillText(label, left, line);
  }
}

function grid(context, width, height, px, ahead, behind) {
  context.lineWidth = 1;
  context.strokeStyle = '#1c232b';
  context.fillStyle = '#4b5561';
  for (let x = -20; x <= ahead; x += 10) {
    if (x < -behind) continue;
    const [, v] = px(x, 0);
    context.beginPath();
    context.moveTo(0, v);
    context.lineTo(width, v);
    context.stroke();
    if (x) context.fillText(String(x).replace('-', '−'), 2, v - 2);
  }
  for (let y = -60; y <= 60; y += 10) {
    const [u] = px(0, y);
    context.beginPath();
    context.moveTo(u, 0);
    context.lineTo(u, height);
    context.stroke();
  }
}

/** Ahead: a body whose near edge is the nearest point. Beside and behind the model names only an area: that is drawn. */
function drawObject(context, object, px, scale, labels) {
  const colour = object.brakeLights === 'ON' ? colours.alarm : colours.note;
  const zone = zones[object.zone];
  const label = `${word(object.kind)}${zone ? '' : ` ${fixed(object.distanceM, 0)} m`}`
    + (object.motion === 'UNKNOWN' ? '' : ` ${word(object.motion)}`) + (object.brakeLights === 'ON' ? ', brake lights' : '');
  context.strokeStyle = colour;
  context.lineWidth = 1.6;
  if (zone) {
    const [u0, v0] = px(zone[1], zone[3]);
    const [u1, v1] = px(zone[0], zone[2]);
    context.setLineDash([4, 4]);
    context.fillStyle = 'rgba(213, 161, 73, .07)';
    context.fillRect(u0, v0, u1 - u0, v1 - v0);
    context.strokeRect(u0, v0, u1 - u0, v1 - v0);
    context.setLineDash([]);
    labels.push({label, colour: motionColours[object.motion], u: u0 + 4, v: (v0 + v1) / 2});
    return;
  }
  const [length, wide] = shapes[object.kind] || shapes.CAR;
  const [u, v] = px(object.x, object.y);
  const w = Math.max(wide * scale, 7);
  const h = Math.max(length * scale, 7);
  context.fillStyle = 'rgba(213, 161, 73, .16)';
  context.beginPath();
  if (object.kind === 'PEDESTRIAN') {
    context.arc(u, v - h / 2, h / 2, 0, 2 * Math.PI);
  } else if (object.kind === 'CONES') {
    context.moveTo(u - w / 2, v);
    context.lineTo(u, v - h);
    context.lineTo(u + w / 2, v);
    context.closePath();
  } else {
    context.rect(u - w / 2, v - h, w, h);
  }
  context.fill();
  context.stroke();
  arrow(context, object.motion, u, v, h, w);
  labels.push({label, colour: motionColours[object.motion], u: u + w / 2 + 8, v: v - h / 2 + 4});
}

/** Closing points at us, opening away, crossing to both sides. */
function arrow(context, motion, u, v, h, w) {
  context.strokeStyle = motionColours[motion] || colours.muted;
  context.lineWidth = 2;
  context.beginPath();
  const head = (x, y, dx, dy) => {
    context.moveTo(x - dx * 5 - dy * 4, y - dy * 5 - dx * 4);
    context.lineTo(x, y);
    context.lineTo(x - dx * 5 + dy * 4, y - dy * 5 + dx * 4);
  };
  if (motion === 'CLOSING') {
    context.moveTo(u, v + 2);
    context.lineTo(u, v + 13);
    head(u, v + 13, 0, 1);
  } else if (motion === 'OPENING') {
    context.moveTo(u, v - h - 2);
    context.lineTo(u, v - h - 13);
    head(u, v - h - 13, 0, -1);
  } else if (motion === 'CROSSING') {
    context.moveTo(u - w / 2 - 12, v - h / 2);
    context.lineTo(u + w / 2 + 12, v - h / 2);
    head(u - w / 2 - 12, v - h / 2, -1, 0);
    head(u + w / 2 + 12, v - h / 2, 1, 0);
  }
  context.stroke();
}

/** A name from a file of the user as text that cannot become markup. */
function escaped(name) {
  return String(name).replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`);
}

function stages(state) {
  const most = state.budgetMs;
  at('stages').innerHTML = state.stages.map(stage => {
    const p50 = Math.min(100, 100 * stage.p50 / most);
    const p99 = Math.min(99, 100 * stage.p99 / most);
    const colour = stage.p99 > most ? colours.alarm : colours.blue;
    return `<span class="name">${escaped(stage.name)}</span>`
      + `<svg viewBox="0 0 100 8" preserveAspectRatio="none"><rect width="100" height="8" fill="#0f1318"></rect>`
      + `<rect width="${p50}" height="8" fill="${colour}"></rect>`
      + `<rect x="${p99}" width="1" height="8" fill="${colours.text}"></rect></svg>`
      + `<span class="value">${fixed(stage.p50, 1)}</span><span class="value far">${fixed(stage.p99, 1)}</span>`;
  }).join('');
}

const WINDOW_S = 60;
const seen = new Map(); // boundary and reason: its counts by second
let opened = false; // what was counted before the page came did not rise here

/** Every boundary and reason that has counted anything; what moved in the last ten seconds is lit and on top. */
function drops(state) {
  const second = Math.floor(state.atMs / 1000);
  const rows = state.drops.map(drop => {
    const key = drop.at + ' ' + drop.reason;
    if (!seen.has(key)) seen.set(key, new Map([[second - 1, opened ? 0 : drop.count]]));
    const counts = seen.get(key);
    counts.set(second, drop.count);
    for (const old of counts.keys()) if (old < second - WINDOW_S) counts.delete(old);
    const rises = rate(counts, second);
    return {...drop, rises, lately: rises.slice(-10).reduce((sum, one) => sum + one, 0)};
  });
  opened = true;
  rows.sort((a, b) => (b.lately > 0) - (a.lately > 0) || b.count - a.count);
  at('drops').innerHTML = rows.length ? rows.map(row => {
    const top = Math.max(1, ...row.rises);
    const marks = row.rises.map((rise, i) => rise
      ? `<rect x="${i * 1.5}" y="${14 - 13 * rise / top}" width="1.2" height="${13 * rise / top}" fill="${colours.note}"></rect>` : '').join('');
    return `<tr class="${row.lately ? 'moving' : ''}"><td class="name">${escaped(row.at)}</td><td>${escaped(row.reason)}</td>`
      + `<td class="number">${row.count}</td><td class="number">${row.lately ? '+' + row.lately : ''}</td>`
      + `<td><svg viewBox="0 0 92 14"><rect y="13" width="92" height="1" fill="${colours.line}"></rect>${marks}</svg></td></tr>`;
  }).join('') : '<tr><td class="name">none</td></tr>';
  text('framesIn', `of ${state.framesIn} frames; count, last 10 s, last minute`);
  text('outputs', Object.entries(state.outputs).map(([kind, count]) => `${kindWords[kind] || kind} ${count}`).join('  ·  '));
}

/** How much a count rose in each of the last seconds. */
function rate(counts, second) {
  const rises = [];
  let before = null;
  for (let s = second - WINDOW_S; s <= second; s++) {
    const now = counts.has(s) ? counts.get(s) : before;
    if (s > second - WINDOW_S) rises.push(before === null || now === null ? 0 : now - before);
    before = now;
  }
  return rises;
}

/** A row of buttons for each sensor; pressing the lit one makes the sensor well again. */
function faults(state) {
  at('faultsBox').hidden = !state.faults;
  if (!state.faults) return;
  const table = at('faults');
  state.faults.forEach((sensor, i) => {
    if (!table.rows[i]) {
      const row = table.insertRow();
      row.insertCell().className = 'name';
      row.cells[0].textContent = sensor.sensor;
      const cell = row.insertCell();
      cell.className = 'number';
      for (const fault of sensor.possible) {
        const button = document.createElement('button');
        button.dataset.fault = fault;
        button.textContent = fault === 'LOST' && !sensor.possible.includes('BLACK') ? 'drop-out' : faultWords[fault] || word(fault);
        button.addEventListener('click', () => ask(sensor.sensor, button.classList.contains('on') ? 'NONE' : fault));
        cell.append(button);
      }
    }
    const row = table.rows[i];
    row.classList.toggle('bad', sensor.now !== 'NONE');
    row.title = `${sensor.touched} frames so far`;
    for (const button of row.querySelectorAll('button')) {
      button.classList.toggle('on', button.dataset.fault === sensor.now);
      button.setAttribute('aria-pressed', String(button.dataset.fault === sensor.now));
    }
  });
}

async function ask(sensor, fault) {
  try {
    const answer = await fetch('fault', {
      method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({sensor, fault}),
    });
    text('refused', answer.ok ? '' : await answer.text());
  } catch (error) {
    text('refused', 'not sent: ' + error.message);
  }
}

at('well').addEventListener('click', () => {
  for (const row of at('faults').rows) if (row.classList.contains('bad')) ask(row.cells[0].textContent, 'NONE');
});

let waiting = null;
let held = false;

function hold() {
  held = !held;
  at('hold').classList.toggle('on', held);
  text('hold', held ? 'held' : 'hold');
}

at('hold').addEventListener('click', hold);
document.addEventListener('keydown', event => {
  if (event.key === ' ' && event.target.tagName !== 'BUTTON') {
    event.preventDefault();
    hold();
  }
});

function draw() {
  const state = waiting;
  waiting = null;
  if (!state) return;
  faults(state);
  drops(state);
  if (held) return;
  mosaic(state);
  words(state);
  plan(state);
  history(state);
  above(state);
  waterfall(state);
  stages(state);
}

function listen() {
  const live = new EventSource('live');
  live.addEventListener('set', event => {
    at('lost').hidden = true;
    if (!waiting) requestAnimationFrame(draw);
    waiting = JSON.parse(event.data);
  });
  live.onerror = () => { at('lost').hidden = false; };
  live.onopen = () => { at('lost').hidden = true; };
}

listen();
