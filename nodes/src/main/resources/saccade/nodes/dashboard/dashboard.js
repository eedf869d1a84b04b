'use strict';

// Draws what /live sends: one JSON object a message. Nothing here is needed by the pipeline.

const colours = {
  text: '#d5dbe2', muted: '#76818d', line: '#222932', calm: '#5eb3a6', note: '#d5a149', alarm: '#d0665c', blue: '#6b9ed0',
};
const kindColours = {FRESH: colours.calm, CUT_SHORT: colours.note, FALLBACK: colours.alarm, STARTING: colours.muted};
const spanColours = ['#39434f', '#4f7fb0', '#7a8fa8', '#5eb3a6', '#d5a149', '#a58a5c', '#2b323b'];
const kindWords = {FRESH: 'fresh', CUT_SHORT: 'cut short', FALLBACK: 'fallback', STARTING: 'starting'};
const history = [];
const HISTORY = 200;

const at = id => document.getElementById(id);

function text(id, value) {
  const element = at(id);
  if (element.textContent !== value) element.textContent = value;
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

function cameras(state) {
  const box = at('cameras');
  while (box.children.length < state.cameras.length) {
    const camera = document.createElement('div');
    camera.className = 'camera';
    camera.innerHTML = '<img alt=""><canvas></canvas><span class="name"></span>';
    box.append(camera);
  }
  state.cameras.forEach((camera, i) => {
    const element = box.children[i];
    element.style.aspectRatio = `${camera.width} / ${camera.height}`;
    element.classList.toggle('stale', !camera.jpeg);
    if (camera.jpeg) element.querySelector('img').src = 'data:image/jpeg;base64,' + camera.jpeg;
    const kept = camera.kept ? [...camera.kept].filter(one => one === '1').length : 0;
    element.querySelector('.name').textContent = camera.jpeg
      ? `${camera.name}  ·  ${kept} of ${camera.rows * camera.cols} patches`
      : `${camera.name}  ·  not in this message`;
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
  text('set', state.set >= 0 ? String(state.set) : '–');
  text('age', fixed(state.ageMs, 0));
  text('misses', `${state.misses} of ${state.deadlines}`);
  const kind = at('kind');
  kind.className = 'chip ' + state.kind;
  text('kind', kindWords[state.kind] || state.kind);
  text('sentence', state.sentence || (state.kind === 'STARTING' ? 'Warming up.' : 'Nothing said: ' + state.reason + '.'));
  const missing = state.sensorsMissing.length ? `, without ${state.sensorsMissing.join(', ')}` : '';
  text('about', `${state.tokensKept} of ${state.tokensTotal} tokens  ·  decided after layer ${state.exitLayer}  ·  `
    + `confidence ${fixed(state.confidence, 2)}  ·  from ${state.sensorsUsed.join(', ') || 'no sensor'}${missing}  ·  ${state.reason}`);
  const maneuver = at('maneuver');
  const name = state.action ? state.action.maneuver : '';
  maneuver.className = 'maneuver ' + name;
  text('maneuver', name ? name.toLowerCase() : 'no action');
  text('speed', fixed(state.speedMps, 1));
  text('setSpeed', `of ${fixed(state.setSpeedMps, 1)}`);
  text('accel', signed(state.accelMps2, 2));
  text('curvature', signed(state.curvature1pm, 3));
  text('phase', state.phase.toLowerCase().replaceAll('_', ' '));
}

/** Acceleration as bars, curvature as a line, over the steps of the plan. */
function plan(state) {
  const {context, width, height} = pen('plan');
  const left = 34;
  const middle = height * .42;
  const scale = middle - 8;
  context.strokeStyle = colours.line;
  context.fillStyle = colours.muted;
  context.beginPath();
  context.moveTo(left, middle);
  context.lineTo(width, middle);
  context.stroke();
  context.fillText('m/s²', 0, 12);
  context.fillText('0', 22, middle + 4);
  if (!state.action) return;
  const n = state.action.accel.length;
  const step = (width - left) / n;
  state.action.accel.forEach((value, i) => {
    const size = Math.max(-1.25, Math.min(1, value / (value < 0 ? 4.5 : 3))) * scale;
    context.fillStyle = value < -.3 ? colours.alarm : value > .3 ? colours.calm : colours.muted;
    context.fillRect(left + i * step + 2, middle - Math.max(size, 0), step - 4, Math.max(Math.abs(size), 1));
  });
  const low = height - 14;
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
    const y = low - Math.max(-1, Math.min(1, value / .1)) * 12;
    if (i) context.lineTo(left + (i + .5) * step, y);
    else context.moveTo(left + (i + .5) * step, y);
  });
  context.stroke();
}

function ages(state) {
  history.push({ageMs: state.ageMs, kind: state.kind});
  if (history.length > HISTORY) history.shift();
  const {context, width, height} = pen('history');
  const top = Math.max(state.budgetMs * 1.3, ...history.map(one => Math.min(one.ageMs, state.budgetMs * 3)));
  const y = ms => height - 2 - (height - 10) * Math.min(ms, top) / top;
  const step = width / HISTORY;
  history.forEach((one, i) => {
    context.fillStyle = kindColours[one.kind] || colours.muted;
    const x = width - (history.length - i) * step;
    context.fillRect(x, y(one.ageMs), Math.max(step - 1, 1), height - y(one.ageMs));
  });
  context.strokeStyle = colours.note;
  context.setLineDash([4, 4]);
  context.beginPath();
  context.moveTo(0, y(state.budgetMs));
  context.lineTo(width, y(state.budgetMs));
  context.stroke();
  context.setLineDash([]);
  text('historyNote', `deadline ${fixed(state.budgetMs, 0)} ms`);
}

function bytes(base64) {
  const raw = atob(base64);
  const array = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) array[i] = raw.charCodeAt(i);
  return array;
}

/** base_link from above: forward is up, left is left. */
function above(state) {
  const {context, width, height} = pen('above');
  const ahead = 46;
  const behind = 7;
  const scale = height / (ahead + behind);
  const px = (x, y) => [width / 2 - y * scale, height - (x + behind) * scale];
  context.strokeStyle = colours.line;
  context.lineWidth = 1;
  context.fillStyle = '#4b5561';
  for (let x = 0; x <= ahead; x += 10) {
    const [, v] = px(x, 0);
    context.beginPath();
    context.moveTo(0, v);
    context.lineTo(width, v);
    context.stroke();
    if (x > 0) context.fillText(`${x}`, 2, v - 2);
  }
  for (let y = -40; y <= 40; y += 10) {
    const [u] = px(0, y);
    context.beginPath();
    context.moveTo(u, 0);
    context.lineTo(u, height);
    context.stroke();
  }
  const points = new DataView(bytes(state.points).buffer);
  for (let i = 0; i + 5 < points.byteLength; i += 6) {
    const z = points.getInt16(i + 4, true) / 100;
    const [u, v] = px(points.getInt16(i, true) / 100, points.getInt16(i + 2, true) / 100);
    context.fillStyle = z < .25 ? '#2f3b48' : z < 1 ? '#7fa3bd' : '#b9cbd8';
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
  context.fillRect(u0, v0, 1.8 * scale, 4.7 * scale);
  context.strokeRect(u0, v0, 1.8 * scale, 4.7 * scale);
  state.objects.forEach((object, i) => {
    const [u, v] = px(object.x, object.y);
    const size = object.kind === 'CAR' ? 1.8 * scale : .7 * scale;
    context.strokeStyle = object.brakeLights === 'ON' ? colours.alarm : colours.note;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(u, v, Math.max(size, 5), 0, 2 * Math.PI);
    context.stroke();
    const label = `${object.kind.toLowerCase()} ${fixed(object.distanceM, 0)} m`
      + (object.motion !== 'UNKNOWN' ? ` ${object.motion.toLowerCase()}` : '');
    const wide = context.measureText(label).width;
    const left = Math.max(2, Math.min(width - wide - 8, u + 12));
    const line = Math.max(10, v - 6 - 14 * (i % 2));
    context.fillStyle = 'rgba(13, 16, 20, .75)';
    context.fillRect(left - 3, line - 10, wide + 6, 14);
    context.fillStyle = colours.text;
    context.fillText(label, left, line);
  });
}

function timeline(state) {
  const {context, width, height} = pen('timeline');
  const most = Math.max(state.budgetMs * 1.15, state.ageMs * 1.05);
  const x = ms => width * ms / most;
  context.fillStyle = '#0f1318';
  context.fillRect(0, 3, width, height - 6);
  const spans = state.timeline || [];
  let from = 0;
  spans.forEach((span, i) => {
    context.fillStyle = spanColours[i % spanColours.length];
    context.fillRect(x(from), 3, Math.max(x(span.ms) - 1, 0), height - 6);
    from += span.ms;
  });
  context.strokeStyle = colours.note;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x(state.budgetMs), 0);
  context.lineTo(x(state.budgetMs), height);
  context.stroke();
  const legend = at('legend');
  const parts = spans.map((span, i) =>
    `<span><i style="background:${spanColours[i % spanColours.length]}"></i>${span.name} ${fixed(span.ms, 1)}</span>`);
  parts.push(`<span><i style="background:${colours.note}"></i>deadline ${fixed(state.budgetMs, 0)} ms</span>`);
  legend.innerHTML = parts.join('');
}

function stages(state) {
  const most = state.budgetMs;
  at('stages').innerHTML = state.stages.map(stage => {
    const p50 = Math.min(100, 100 * stage.p50 / most);
    const p99 = Math.min(99, 100 * stage.p99 / most);
    const colour = stage.p99 > most ? colours.alarm : colours.blue;
    return `<span class="name">${stage.name}</span>`
      + `<svg viewBox="0 0 100 8" preserveAspectRatio="none"><rect width="100" height="8" fill="#0f1318"></rect>`
      + `<rect width="${p50}" height="8" fill="${colour}"></rect>`
      + `<rect x="${p99}" width="1" height="8" fill="${colours.text}"></rect></svg>`
      + `<span class="value">${fixed(stage.p50, 1)}</span><span class="value far">${fixed(stage.p99, 1)}</span>`;
  }).join('');
}

function list(id, pairs) {
  at(id).innerHTML = pairs.map(([name, value, colour]) =>
    `<dt>${name}</dt><dd${colour ? ` style="color:${colour}"` : ''}>${value}</dd>`).join('');
}

function counts(state) {
  list('outputs', Object.entries(state.outputs).map(([kind, count]) =>
    [kindWords[kind] || kind, count, count ? kindColours[kind] : '']));
  const drops = Object.entries(state.drops);
  list('drops', drops.length ? drops.map(([reason, count]) => [reason, count, '']) : [['none', '0', '']]);
  text('framesIn', `of ${state.framesIn} frames`);
}

let waiting = null;

function draw() {
  const state = waiting;
  waiting = null;
  if (!state) return;
  cameras(state);
  words(state);
  plan(state);
  ages(state);
  above(state);
  timeline(state);
  stages(state);
  counts(state);
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
