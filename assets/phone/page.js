/* The page for an officer's phone: my cases, a case, report here, check in here, what waits to be sent.
   Plain script for any browser of the last ten years. What is entered goes through the outbox, with a signal or without. */
(function () {
  'use strict';

  var SIDE_PX = 1600;
  var SEND_EVERY_MS = 20000;
  /* What a phone offers in each state; the server decides. */
  var STEPS = {
    reported: ['close_on_spot', 'note'],
    dispatched: ['accept', 'send_back', 'note'],
    accepted: ['handle', 'send_back', 'note'],
    handling: ['give_feedback', 'send_back', 'note']
  };
  var ONLY = { send_back: 'handler', close_on_spot: 'officer' };
  var LEADS_TO = { accept: 'accepted', handle: 'handling', give_feedback: 'feedback', send_back: 'registered', close_on_spot: 'closed' };
  var PHOTOS = { handle: ['photo-before'], give_feedback: ['photo-after'], close_on_spot: ['photo-before', 'photo-after'], note: ['photo'] };

  var outbox = window.outbox;
  var words = {};
  var profile = read('profile', null);
  var held = read('cases', { at: null, list: [] });
  var position = null;
  var shown = { view: '', argument: null };
  var main = byId('main');

  function byId(id) { return document.getElementById(id); }
  function say(key) { return words[key] || key; }
  function read(name, otherwise) {
    try { return JSON.parse(localStorage.getItem(name)) || otherwise; } catch (broken) { return otherwise; }
  }
  function write(name, value) {
    try { localStorage.setItem(name, JSON.stringify(value)); } catch (full) { /* Shown until the page closes. */ }
  }

  /* An element: class, properties, children (elements and texts). */
  function el(tag, name, properties, children) {
    var made = document.createElement(tag);
    if (name) { made.className = name; }
    Object.keys(properties || {}).forEach(function (key) { made[key] = properties[key]; });
    (children || []).forEach(function (child) {
      if (child) { made.appendChild(typeof child === 'string' ? document.createTextNode(child) : child); }
    });
    return made;
  }

  function button(key, name, act) { return el('button', 'act ' + name, { type: 'button', onclick: act }, [say(key)]); }
  function field(key, input, id) {
    input.id = id;
    return el('label', '', { htmlFor: id }, [say(key), input]);
  }

  function toast(text) {
    var box = byId('toast');
    box.textContent = text;
    box.hidden = false;
    // It takes its room from main; whatever is being filled in stays in sight.
    var field = document.activeElement;
    if (field && main.contains(field)) {
      main.scrollTop += Math.max(0, field.getBoundingClientRect().bottom + 8 - main.getBoundingClientRect().bottom);
    }
    clearTimeout(toast.timer);
    toast.timer = setTimeout(function () { box.hidden = true; }, 3500);
  }

  /* The server's clock, which may run a scenario: kept, so that it goes on without a signal. */
  function serverNow() {
    var anchor = read('clock', null);
    return anchor ? anchor.now + (Date.now() - anchor.at) * anchor.rate : Date.now();
  }
  function readClock() {
    outbox.request('GET', '/health', {}, function (status, answer) {
      signal(status !== 0);
      if (status === 200 && answer.clock) {
        write('clock', { now: Date.parse(answer.clock.now), rate: answer.clock.rate, at: Date.now() });
      }
    });
  }

  function two(number) { return ('0' + number).slice(-2); }
  function timeText(time) {
    var at = new Date(time);
    return (at.getMonth() + 1) + '-' + two(at.getDate()) + ' ' + two(at.getHours()) + ':' + two(at.getMinutes());
  }
  function spanText(ms) {
    var minutes = Math.max(1, Math.round(Math.abs(ms) / 60000));
    if (minutes < 120) { return minutes + ' ' + say('minutes'); }
    if (minutes < 48 * 60) { return Math.round(minutes / 60) + ' ' + say('hours'); }
    return Math.round(minutes / 1440) + ' ' + say('days');
  }
  function leftMs(one) { return one.properties.due_at ? Date.parse(one.properties.due_at) - serverNow() : null; }
  function dueText(one) {
    var left = leftMs(one);
    if (one.properties.state === 'suspended') { return el('span', 'soft', {}, [say('clock-stands')]); }
    if (left === null) { return el('span', 'soft', {}, [say('no-deadline')]); }
    return el('span', left < 0 ? 'late-text' : '', {}, [say(left < 0 ? 'overdue' : 'left') + ' ' + spanText(left)]);
  }

  function signal(isThere) {
    var mark = byId('signal');
    mark.className = isThere ? '' : 'lost';
    mark.textContent = say(isThere ? 'online' : 'offline');
  }

  function locate(then) {
    if (!navigator.geolocation) { then(null); return; }
    navigator.geolocation.getCurrentPosition(function (found) {
      position = { lon: found.coords.longitude, lat: found.coords.latitude, accuracy: found.coords.accuracy };
      then(position);
    }, function () { then(null); }, { enableHighAccuracy: true, timeout: 10000, maximumAge: 15000 });
  }

  /* Distance in metres and bearing in degrees, over a kilometre or two flat enough. */
  function wayTo(coordinates) {
    var north = (coordinates[1] - position.lat) * 110574;
    var east = (coordinates[0] - position.lon) * 111320 * Math.cos(position.lat * Math.PI / 180);
    return { metres: Math.sqrt(north * north + east * east), bearing: (Math.atan2(east, north) * 180 / Math.PI + 360) % 360 };
  }
  function metresText(metres) {
    return metres < 1000 ? Math.round(metres / 10) * 10 + ' ' + say('metres') : (metres / 1000).toFixed(1) + ' ' + say('kilometres');
  }
  function arrow(bearing) {
    var space = 'http://www.w3.org/2000/svg';
    function shape(tag, properties, parent) {
      var made = document.createElementNS(space, tag);
      Object.keys(properties).forEach(function (key) { made.setAttribute(key, properties[key]); });
      if (parent) { parent.appendChild(made); }
      return made;
    }
    var svg = shape('svg', { viewBox: '-50 -50 100 100' });
    shape('circle', { r: 46, fill: '#fff', stroke: '#8aa0b3', 'stroke-width': 3 }, svg);
    shape('text', { y: -30, 'text-anchor': 'middle', 'font-size': 16, fill: '#4a5a68' }, svg).textContent = say('dir-0');
    shape('path', { d: 'M0 -34 L15 22 L0 12 L-15 22 Z', fill: '#c1121f', transform: 'rotate(' + Math.round(bearing) + ')' }, svg);
    return svg;
  }

  /* Views. */

  function show(view, argument) {
    shown = { view: view, argument: argument };
    if (!profile) { view = 'login'; }
    byId('tabs').hidden = !profile;
    byId('back').hidden = ['case', 'step'].indexOf(view) < 0;
    [].forEach.call(byId('tabs').querySelectorAll('button'), function (tab) {
      tab.className = tab.getAttribute('data-view') === (view === 'case' || view === 'step' ? 'cases' : view) ? 'chosen' : '';
    });
    main.textContent = '';
    main.scrollTop = 0;
    views[view](argument);
  }
  function title(text) { byId('title').textContent = text; }
  function add() { [].forEach.call(arguments, function (child) { if (child) { main.appendChild(child); } }); }

  var views = {};

  views.login = function () {
    title(say('title') + ' · ' + say('login-title'));
    if (read('by-token', false)) { loginByToken(); } else { loginByAccount(); }
    add(languageButton());
  };

  function otherWay(key, isToken) {
    return button(key, '', function () { write('by-token', isToken); show('login'); });
  }

  function loggedIn(made) {
    profile = made;
    outbox.token = made.token;
    write('profile', profile);
    signal(true);
    readClasses();
    route();
  }

  /* An account with its password, or for the first time with a one-time code and the password that it is to have. */
  function loginByAccount() {
    var account = el('input', '', { maxLength: 100, autocomplete: 'username', autocapitalize: 'off', value: read('last-profile', {}).account || '' });
    var secret = el('input', '', { type: 'password', autocomplete: 'current-password' });
    var chosen = el('input', '', { type: 'password', autocomplete: 'new-password' });
    // Why not stays until the next try.
    var said = el('p', 'said', {});
    said.setAttribute('role', 'alert');
    var go = button('login', 'first', function () {
      var body = { account: account.value.trim() };
      said.textContent = '';
      if (!body.account || !secret.value) { said.textContent = say('account-needed'); return; }
      if (chosen.value) { body.code = secret.value.trim(); body.new_password = chosen.value; } else { body.password = secret.value; }
      go.disabled = true;
      outbox.token = '';
      var options = { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
      outbox.request('POST', '/api/v1/sessions', options, function (status, answer, call) {
        go.disabled = false;
        if (status !== 201) { said.textContent = whyNot(status, answer, call); return; }
        var own = answer.posts.filter(function (one) { return one.role === 'officer' || one.role === 'handler'; });
        var post = own[0] || answer.posts[0] || {};
        loggedIn({ token: answer.token, account: body.account, name: post.name, role: post.role, department: (post.departments || []).join(','), areas: post.areas || [] });
      });
    });
    add(field('account', account, 'account'), field('secret', secret, 'secret'), field('new-password', chosen, 'new-password'), said, go, otherWay('by-token', true));
  }
  /* Why there is no session, and for how long where the account or the phone must wait. */
  function whyNot(status, answer, call) {
    if (status === 0) { return say('no-signal-login'); }
    if (status === 429) {
      var seconds = parseInt(call.getResponseHeader('Retry-After'), 10) || 60;
      return say('locked') + ' ' + (seconds < 120 ? seconds + ' ' + say('seconds') : Math.ceil(seconds / 60) + ' ' + say('minutes'));
    }
    return status === 422 && answer && answer.detail ? answer.detail : say(status === 401 ? 'wrong-account' : 'no-login');
  }

  function loginByToken() {
    var old = read('last-profile', {});
    var token = el('input', '', { type: 'password', autocomplete: 'off' });
    var name = el('input', '', { maxLength: 40, value: old.name || '' });
    var role = el('select', '', {}, ['officer', 'handler'].map(function (one) {
      return el('option', '', { value: one, selected: one === old.role }, [say('role-' + one)]);
    }));
    var department = el('input', '', { maxLength: 60, value: old.department || '' });
    var grid = el('input', '', { maxLength: 40, value: (old.areas || [])[0] || '', inputMode: 'numeric' });
    var go = button('login', 'first', function () {
      if (!name.value.trim()) { toast(say('name-needed')); return; }
      outbox.token = token.value.trim();
      go.disabled = true;
      outbox.request('GET', '/collections/issues/items?limit=1', {}, function (status) {
        go.disabled = false;
        if (status === 200) {
          var areas = grid.value.trim() ? [grid.value.trim()] : [];
          loggedIn({ token: outbox.token, name: name.value.trim(), role: role.value, department: department.value.trim(), areas: areas });
          return;
        }
        outbox.token = '';
        toast(say(status === 0 ? 'no-signal-login' : 'wrong-token'));
      });
    });
    add(field('token', token, 'token'), field('name', name, 'name'), field('role', role, 'role'),
      field('department', department, 'department'), field('grid', grid, 'grid'),
      el('p', 'soft', {}, [say('login-hint')]), go, otherWay('by-account', false));
  }

  function languageButton() {
    return button('language', '', function () {
      localStorage.setItem('language', language() === 'zh' ? 'en' : 'zh');
      location.reload();
    });
  }

  /* Which cases are mine: those of my department, else those of my areas; a whole subdistrict is everything. */
  function mine() {
    var query = '/collections/issues/items?state=open&limit=300';
    if (profile.department) { return query + '&department=' + encodeURIComponent(profile.department); }
    var first = profile.areas[0];
    if (!first || /^\d{9}$/.test(first)) { return query; }
    function kind(code) { return /^\d{15}$/.test(code) ? 'grid' : /^\d{12}$/.test(code) ? 'community' : 'compound'; }
    var alike = profile.areas.filter(function (code) { return kind(code) === kind(first); });
    return query + '&' + kind(first) + '=' + encodeURIComponent(alike.join(','));
  }

  function loadCases(then) {
    outbox.request('GET', mine(), {}, function (status, answer) {
      signal(status !== 0);
      if (status === 401) { outbox.unauthorized(); return; }
      if (status === 200) {
        // What waits to be sent is shown as it will stand.
        outbox.all(function (entries) {
          held = { at: serverNow(), list: answer.features };
          entries.forEach(function (entry) { if (entry.state === 'waiting') { foresee(entry); } });
          write('cases', held);
          then();
        });
      } else { then(); }
    });
  }

  function find(id) { return held.list.filter(function (one) { return one.id === id; })[0]; }
  function replace(one) {
    held.list = held.list.map(function (other) { return other.id === one.id ? one : other; });
    if (!find(one.id)) { held.list.push(one); }
    write('cases', held);
  }
  function foresee(entry) {
    var one = entry.issue && find(entry.issue);
    if (!one || one.properties.version !== entry.seen) { return; }
    one.properties.version += 1;
    one.properties.state = LEADS_TO[entry.body.step] || one.properties.state;
    one.properties.updated_at = entry.body.happened_at;
    one.pending = true;
  }

  views.cases = function () {
    title(say('my-cases'));
    var list = el('div');
    add(list);
    function draw() {
      if (shown.view !== 'cases') { return; }
      list.textContent = '';
      var order = held.list.slice().sort(function (left, right) {
        var a = leftMs(left), b = leftMs(right);
        return (a === null ? Infinity : a) < (b === null ? Infinity : b) ? -1 : 1;
      });
      order.forEach(function (one) { list.appendChild(caseCard(one)); });
      if (!order.length) { list.appendChild(el('p', 'empty', {}, [say('no-cases')])); }
      if (held.at) { list.appendChild(el('p', 'soft', {}, [say('as-of') + ' ' + timeText(held.at)])); }
      list.appendChild(button('refresh', '', function () { loadCases(draw); }));
    }
    draw();
    loadCases(draw);
  };

  function chip(one) {
    var chips = el('span', 'row', {}, [el('span', 'chip', {}, [say('state-' + one.properties.state)])]);
    if (one.pending) { chips.appendChild(el('span', 'chip pending', {}, [say('sending')])); }
    return chips;
  }

  function caseCard(one) {
    var left = leftMs(one);
    var mark = left === null ? '' : left < 0 ? ' late' : left < 7200000 ? ' soon' : '';
    var away = position && one.geometry ? ' · ' + say('away') + ' ' + metresText(wayTo(one.geometry.coordinates).metres) : '';
    var where = (one.properties.address || one.properties.class_name || '') + away;
    return el('button', 'card' + mark, { type: 'button', onclick: function () { location.hash = 'case=' + encodeURIComponent(one.id); } }, [
      el('h2', '', {}, [one.properties.title]),
      el('div', 'row', {}, [chip(one), dueText(one)]),
      el('p', 'soft', {}, [where])
    ]);
  }

  views['case'] = function (id) {
    var one = find(id);
    title(say('case'));
    if (one) { drawCase(one); }
    outbox.request('GET', '/api/v1/issues/' + encodeURIComponent(id), {}, function (status, answer) {
      signal(status !== 0);
      var isHere = shown.view === 'case' && shown.argument === id;
      if (status !== 200 || !isHere || (one && one.pending && one.properties.version > answer.properties.version)) { return; }
      replace(answer);
      main.textContent = '';
      drawCase(answer);
    });
  };

  function drawCase(one) {
    var about = one.properties;
    add(el('div', 'card', {}, [
      el('h2', '', {}, [about.title]),
      el('div', 'row', {}, [chip(one), dueText(one)]),
      about.description ? el('p', '', {}, [about.description]) : null,
      el('p', 'soft', {}, [about.class_name + (about.department ? ' · ' + about.department : '')]),
      el('p', 'soft', {}, [say('reported-at') + ' ' + timeText(about.reported_at) + (about.due_at ? ' · ' + say('due') + ' ' + timeText(about.due_at) : '')]),
      el('p', 'soft', {}, [say('number') + ' ' + one.id])
    ]));
    (STEPS[about.state] || ['note']).forEach(function (step, index) {
      if (ONLY[step] && ONLY[step] !== profile.role) { return; }
      add(button('step-' + step, index === 0 ? 'first' : step === 'send_back' ? 'warn' : '', function () {
        if (step === 'accept') { take(one, { step: step }, []); } else { location.hash = 'step=' + step + ':' + encodeURIComponent(one.id); }
      }));
    });
    add(whereCard(one));
    var history = el('div', 'card', {}, [el('h3', '', {}, [say('history')])]);
    add(history);
    drawHistory(one.id, history);
  }

  function whereCard(one) {
    var card = el('div', 'card', {}, [el('h3', '', {}, [say('where')])]);
    if (one.properties.address) { card.appendChild(el('p', '', {}, [one.properties.address])); }
    if (!one.geometry) { card.appendChild(el('p', 'soft', {}, [say('no-place')])); return card; }
    var at = one.geometry.coordinates;
    var way = el('div', 'where', {}, [el('span', 'soft', {}, [say('locating')])]);
    card.appendChild(way);
    locate(function (found) {
      way.textContent = '';
      if (!found) { way.appendChild(el('span', 'soft', {}, [say('no-position')])); return; }
      var to = wayTo(at);
      way.appendChild(arrow(to.bearing));
      way.appendChild(el('span', '', {}, [say('dir-' + Math.round(to.bearing / 45) % 8) + ' · ' + say('away') + ' ' + metresText(to.metres)]));
    });
    var point = at[1].toFixed(6) + ',' + at[0].toFixed(6);
    card.appendChild(el('a', 'act', { href: 'geo:' + point + '?q=' + point }, [say('show-way')]));
    return card;
  }

  function drawHistory(id, card) {
    outbox.request('GET', '/api/v1/issues/' + encodeURIComponent(id) + '/events', {}, function (status, answer) {
      if (status !== 200) { card.appendChild(el('p', 'soft', {}, [say('history-offline')])); return; }
      var list = el('ol');
      answer.events.slice().reverse().forEach(function (event) {
        var thumbs = el('div', 'thumbs');
        (event.attachments || []).forEach(function (photo) { thumbs.appendChild(thumbnail(photo.hash)); });
        list.appendChild(el('li', '', {}, [
          el('b', '', {}, [say('step-' + event.step)]), ' ',
          el('span', 'soft', {}, [timeText(event.happened_at) + ' · ' + event.actor.name]),
          event.note ? el('p', '', {}, [event.note]) : null, thumbs
        ]));
      });
      card.appendChild(list);
    });
  }

  function thumbnail(hash) {
    var image = el('img', '', { alt: say('photo') });
    outbox.request('GET', '/api/v1/attachments/' + hash + '/thumbnail', { as: 'blob' }, function (status, blob) {
      if (status === 200) { image.src = URL.createObjectURL(blob); }
    });
    return image;
  }

  /* Keeps a step of a case, to be sent now or when there is a signal. */
  function take(one, body, photos) {
    body.actor = { name: profile.name, role: profile.role };
    // Never before the last event, whatever the clocks say.
    body.happened_at = new Date(Math.max(serverNow(), Date.parse(one.properties.updated_at))).toISOString();
    var entry = {
      what: 'step-' + body.step, title: one.properties.title, issue: one.id, seen: one.properties.version,
      path: '/api/v1/issues/' + encodeURIComponent(one.id) + '/steps', body: body, photos: photos
    };
    foresee(entry);
    write('cases', held);
    outbox.add(entry, function () { kept(); location.hash = 'case=' + encodeURIComponent(one.id); if (shown.view === 'case') { show('case', one.id); } });
  }
  function kept() { toast(say(navigator.onLine === false ? 'kept-offline' : 'kept')); }

  views.step = function (argument) {
    var parts = argument.split(':'), step = parts[0], one = find(parts.slice(1).join(':'));
    if (!one) { show('cases'); return; }
    title(say('step-' + step));
    var note = el('textarea', '', { maxLength: 1000 });
    var camera = photoFields(PHOTOS[step] || []);
    add(el('div', 'card', {}, [el('h2', '', {}, [one.properties.title]), chip(one)]), camera.node,
      field(step === 'send_back' ? 'reason' : 'note', note, 'note'),
      button('confirm', step === 'send_back' ? 'first warn' : 'first', function () {
        var text = note.value.trim(), photos = camera.taken();
        if (step === 'send_back' && !text) { toast(say('reason-needed')); return; }
        if (step === 'close_on_spot' && photos.length < 2) { toast(say('photo-needed')); return; }
        take(one, text ? { step: step, note: text } : { step: step }, photos);
      }));
  };

  /* Places for photos, each scaled down in the phone before it is kept. */
  function photoFields(keys) {
    var taken = {};
    var node = el('div', 'photos', {}, keys.map(function (key) {
      var text = el('span', '', {}, [say(key)]);
      var input = el('input', '', { type: 'file', accept: 'image/*', id: key });
      input.setAttribute('capture', 'environment');
      var box = el('div', 'photo', {}, [text, input]);
      input.onchange = function () {
        if (!input.files[0]) { return; }
        shrink(input.files[0], function (data) {
          if (!data) { toast(say('photo-broken')); return; }
          taken[key] = { data: data };
          var old = box.querySelector('img');
          if (old) { box.removeChild(old); }
          box.className = 'photo taken';
          box.insertBefore(el('img', '', { src: data, alt: '' }), text);
        });
      };
      return box;
    }));
    return { node: node, taken: function () { return keys.map(function (key) { return taken[key]; }).filter(Boolean); } };
  }

  function shrink(file, then) {
    var image = new Image(), url = URL.createObjectURL(file);
    image.onerror = function () { URL.revokeObjectURL(url); then(null); };
    image.onload = function () {
      var scale = Math.min(1, SIDE_PX / Math.max(image.width, image.height));
      var canvas = el('canvas', '', { width: Math.max(1, Math.round(image.width * scale)), height: Math.max(1, Math.round(image.height * scale)) });
      canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
      URL.revokeObjectURL(url);
      then(canvas.toDataURL('image/jpeg', 0.8));
    };
    image.src = url;
  }

  function readClasses() {
    outbox.request('GET', '/open311/v2/services.json', {}, function (status, answer) {
      if (status === 200) {
        write('classes', answer.map(function (one) { return { code: one.service_code, name: one.service_name, group: one.group }; }));
        if (shown.view === 'report') { show('report'); }
      }
    });
  }
  /* A service's code is scheme, kind and code with dashes between. */
  function classOf(code) {
    var parts = /^(.*)-(component|event)-(.*)$/.exec(code);
    return parts ? { scheme: parts[1], kind: parts[2], code: parts[3] } : { scheme: 'local', kind: 'event', code: code || 'other' };
  }

  views.report = function () {
    title(say('report-title'));
    var classes = read('classes', []);
    var groups = {}, choose = el('select', '', {}, [el('option', '', { value: '' }, [say('choose-class')])]);
    classes.forEach(function (one) {
      var group = groups[one.group];
      if (!group) { group = groups[one.group] = el('optgroup', '', { label: one.group || '' }); choose.appendChild(group); }
      group.appendChild(el('option', '', { value: one.code }, [one.name]));
    });
    var what = el('input', '', { maxLength: 60 }), address = el('input', '', { maxLength: 100 }), note = el('textarea', '', { maxLength: 1000 });
    var camera = photoFields(['photo-before', 'photo']);
    var where = el('p', 'soft', {}, [say('locating')]), place = null;
    locate(function (found) {
      place = found;
      where.textContent = found ? say('where') + ' ' + found.lat.toFixed(5) + ', ' + found.lon.toFixed(5) + ' ± ' + metresText(found.accuracy) : say('no-position');
    });
    add(classes.length ? field('class', choose, 'class') : null, field('what', what, 'what'), camera.node, field('address', address, 'address'), field('note', note, 'note'), where,
      button('confirm', 'first', function () {
        if (classes.length && !choose.value) { toast(say('choose-class')); return; }
        if (!what.value.trim()) { toast(say('what-needed')); return; }
        var body = {
          id: outbox.newKey(), title: what.value.trim(), description: note.value.trim(), 'class': classOf(choose.value), source: 'patrol',
          actor: { name: profile.name, role: profile.role }, happened_at: new Date(serverNow()).toISOString()
        };
        if (place) { body.place = { lon: place.lon, lat: place.lat }; }
        if (address.value.trim()) { body.address = address.value.trim(); }
        outbox.add({ what: 'what-report', title: body.title, path: '/api/v1/issues', body: body, photos: camera.taken() }, function () { kept(); location.hash = 'outbox'; });
      }));
  };

  views.checkin = function (code) {
    title(say('checkin-title'));
    var where = el('p', 'soft', {}, [say('locating')]), place = null;
    var go = el('button', 'act first huge', { type: 'button', disabled: !code }, [code ? say('checkin-at') : say('checkin-here'), code ? el('div', '', {}, [code]) : null]);
    locate(function (found) {
      place = found;
      go.disabled = !found && !code;
      where.textContent = found ? say('where') + ' ' + found.lat.toFixed(5) + ', ' + found.lon.toFixed(5) + ' ± ' + metresText(found.accuracy) : say('no-position');
    });
    go.onclick = function () {
      go.disabled = true;
      var id = outbox.newKey();
      var body = { id: id, trust: code ? 'code' : 'button', actor: { name: profile.name, role: profile.role }, happened_at: new Date(serverNow()).toISOString() };
      if (code) { body.code = code; }
      if (place) { body.place = { lon: place.lon, lat: place.lat }; body.accuracy_m = Math.round(place.accuracy); }
      outbox.add({ what: 'what-visit', title: code || say('checkin-here'), path: '/api/v1/visits', key: id, body: body }, function () { kept(); location.hash = 'outbox'; });
    };
    add(code ? null : el('p', 'soft', {}, [say('checkin-hint')]), go, where);
  };

  views.outbox = function () {
    title(say('outbox-title'));
    var list = el('div');
    add(list);
    outbox.all(function (entries) {
      if (shown.view !== 'outbox') { return; }
      if (!entries.length) { list.appendChild(el('p', 'empty', {}, [say('nothing-waits')])); return; }
      entries.forEach(function (entry) {
        var card = el('div', 'card' + (entry.state === 'waiting' ? '' : ' late'), {}, [
          el('h2', '', {}, [say(entry.what) + ' · ' + entry.title]),
          el('p', '', {}, [el('span', 'chip pending', {}, [say('state-' + entry.state)])]),
          entry.said ? el('p', 'said', {}, [words['said-' + entry.kind] || entry.said]) : null
        ]);
        if (entry.state === 'conflict') {
          card.appendChild(button('reload', 'first', function () { drop(entry, 'case=' + encodeURIComponent(entry.issue)); }));
          card.appendChild(button('send-again', '', function () { again(entry); }));
        } else if (entry.state === 'refused') {
          card.appendChild(button('discard', 'warn', function () { drop(entry, 'outbox'); }));
        }
        list.appendChild(card);
      });
      list.appendChild(button('send-now', '', outbox.flush));
    });
  };
  /* Away with an entry, and the case as the server has it. */
  function drop(entry, then) {
    outbox.drop(entry, function () {
      held.list = held.list.filter(function (one) { return one.id !== entry.issue; });
      outbox.flush();
      if (location.hash === '#' + then) { route(); } else { location.hash = then; }
    });
  }
  /* The same step once more, on the case as it stands now. */
  function again(entry) {
    outbox.request('GET', '/api/v1/issues/' + encodeURIComponent(entry.issue), {}, function (status, answer) {
      if (status !== 200) { toast(say('offline')); return; }
      replace(answer);
      entry.seen = answer.properties.version;
      entry.key = outbox.newKey();
      entry.body.happened_at = new Date(Math.max(serverNow(), Date.parse(answer.properties.updated_at))).toISOString();
      entry.said = '';
      outbox.add(entry);
    });
  }

  views.me = function () {
    title(say('tab-me'));
    var gate = el('input', '', { maxLength: 60 });
    add(el('div', 'card', {}, [
      el('h2', '', {}, [profile.name]), el('p', '', {}, [say('role-' + profile.role)]),
      profile.department ? el('p', 'soft', {}, [say('department') + ' ' + profile.department]) : null,
      profile.areas.length ? el('p', 'soft', {}, [say('grid') + ' ' + profile.areas.join(', ')]) : null
    ]), languageButton(), button('log-out', 'warn', logOut), el('h3', '', {}, [say('codes')]), field('place', gate, 'gate'),
    button('make-code', '', function () {
      if (gate.value.trim()) { window.open('/m/codes?place=' + encodeURIComponent(gate.value.trim())); }
    }));
  };

  function logOut() {
    if (profile) {
      write('last-profile', { account: profile.account, name: profile.name, role: profile.role, department: profile.department, areas: profile.areas });
      if (profile.account) { outbox.request('DELETE', '/api/v1/sessions/current', {}, function () {}); }
    }
    profile = null;
    outbox.token = '';
    held = { at: null, list: [] };
    localStorage.removeItem('profile');
    localStorage.removeItem('cases');
    show('login');
  }

  /* What the outbox tells. */

  outbox.changed = function () {
    outbox.all(function (entries) {
      byId('waiting').textContent = entries.length;
      byId('waiting').hidden = !entries.length;
      if (shown.view === 'outbox') { show('outbox'); }
    });
  };
  outbox.sent = function (entry, answer) {
    signal(true);
    toast(say(entry.what === 'what-visit' ? 'checked-in' : 'sent') + ' · ' + entry.title);
    if (entry.issue && answer && answer.properties) {
      var one = find(entry.issue);
      if (one && one.properties.version <= answer.properties.version) {
        replace(answer);
        if (shown.view === 'case' && shown.argument === entry.issue) { show('case', entry.issue); }
      }
    }
  };
  outbox.unauthorized = function () { toast(say('wrong-token')); logOut(); };

  function route() {
    var hash = location.hash.replace(/^#/, ''), at = hash.indexOf('='), name = at < 0 ? hash : hash.slice(0, at), argument = at < 0 ? '' : hash.slice(at + 1);
    try { argument = decodeURIComponent(argument); } catch (broken) { argument = ''; }
    show(views[name] && name !== 'login' ? name : 'cases', argument);
  }

  function language() {
    return localStorage.getItem('language') || (/^en/.test(navigator.language || '') ? 'en' : 'zh');
  }

  function begin() {
    document.documentElement.lang = language();
    [].forEach.call(document.querySelectorAll('[data-say]'), function (one) { one.textContent = say(one.getAttribute('data-say')); });
    [].forEach.call(byId('tabs').querySelectorAll('button'), function (tab) {
      tab.onclick = function () {
        var view = tab.getAttribute('data-view');
        if (location.hash === '#' + view) { show(view); } else { location.hash = view; }
      };
    });
    byId('back').onclick = function () {
      location.hash = shown.view === 'step' ? 'case=' + encodeURIComponent(shown.argument.split(':').slice(1).join(':')) : 'cases';
    };
    byId('signal').onclick = function () { readClock(); outbox.flush(); };
    signal(navigator.onLine !== false);
    window.onhashchange = route;
    window.addEventListener('online', function () { readClock(); outbox.flush(); });
    window.addEventListener('offline', function () { signal(false); });
    setInterval(function () { readClock(); outbox.flush(); }, SEND_EVERY_MS);
    if (profile) { outbox.token = profile.token; readClasses(); }
    readClock();
    outbox.changed();
    route();
    outbox.flush();
    if (navigator.serviceWorker) { navigator.serviceWorker.register('/m/worker.js', { scope: '/m' })['catch'](function () {}); }
  }

  outbox.request('GET', '/m/' + language() + '.json', {}, function (status, answer) {
    words = answer || {};
    begin();
  });
}());
