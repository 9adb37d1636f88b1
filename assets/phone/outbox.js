/* What was entered and is not yet with the server: kept in the phone, sent in order, each entry once.

   An entry is {what, title, issue, path, seen, key, body, photos: [{data, hash}], state, said}.
   The body never changes once it is kept, so that its key makes it safe to send again.
   States: waiting; conflict (somebody else was first); refused (the server says why). */
(function (world) {
  'use strict';

  var KIND = 'entries';
  var database = null;
  var waitingForIt = [];
  var sending = false;
  var wanted = false;
  var outbox = { changed: function () {}, sent: function () {}, unauthorized: function () {} };

  function open(then) {
    if (database) { then(database); return; }
    waitingForIt.push(then);
    if (waitingForIt.length > 1) { return; }
    var asked = world.indexedDB.open('yunfushan', 1);
    asked.onupgradeneeded = function () { asked.result.createObjectStore(KIND, { keyPath: 'id', autoIncrement: true }); };
    asked.onsuccess = function () {
      database = asked.result;
      waitingForIt.splice(0).forEach(function (one) { one(database); });
    };
  }

  function change(work, then) {
    open(function (db) {
      var transaction = db.transaction(KIND, 'readwrite');
      work(transaction.objectStore(KIND));
      transaction.oncomplete = function () { if (then) { then(); } outbox.changed(); };
    });
  }

  outbox.all = function (then) {
    open(function (db) {
      var entries = [];
      db.transaction(KIND).objectStore(KIND).openCursor().onsuccess = function (event) {
        var cursor = event.target.result;
        if (!cursor) { then(entries); return; }
        entries.push(cursor.value);
        cursor['continue']();
      };
    });
  };

  outbox.keep = function (entry, then) { change(function (store) { store.put(entry); }, then); };
  outbox.drop = function (entry, then) { change(function (store) { store['delete'](entry.id); }, then); };

  /* Adds an entry and tries to send what there is. */
  outbox.add = function (entry, then) {
    entry.state = 'waiting';
    entry.key = entry.key || outbox.newKey();
    outbox.keep(entry, function () { if (then) { then(); } outbox.flush(); });
  };

  outbox.newKey = function () {
    var bytes = new Uint8Array(16);
    world.crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (byte) { return ('0' + byte.toString(16)).slice(-2); }).join('');
  };

  /* One request; `then(status, answer, call)`, status 0 where there is no signal. */
  outbox.request = function (method, path, options, then) {
    var call = new XMLHttpRequest();
    call.open(method, path);
    call.timeout = options.timeout || 20000;
    call.responseType = options.as || 'text';
    var headers = options.headers || {};
    Object.keys(headers).forEach(function (name) { call.setRequestHeader(name, headers[name]); });
    if (outbox.token) { call.setRequestHeader('Authorization', 'Bearer ' + outbox.token); }
    call.onload = function () {
      var answer = call.response;
      if (!options.as) { try { answer = JSON.parse(answer); } catch (broken) { answer = null; } }
      then(call.status, answer, call);
    };
    call.onerror = call.ontimeout = call.onabort = function () { then(0, null); };
    call.send(options.body || null);
  };

  function blobOf(dataUrl) {
    var text = world.atob(dataUrl.split(',')[1]);
    var bytes = new Uint8Array(text.length);
    for (var i = 0; i < text.length; i += 1) { bytes[i] = text.charCodeAt(i); }
    return new Blob([bytes], { type: 'image/jpeg' });
  }

  /* Uploads the photos of an entry, one after the other; `then(status, answer)` of the first that failed, or 200. */
  function upload(entry, then) {
    var photo = (entry.photos || []).filter(function (one) { return !one.hash; })[0];
    if (!photo) { then(200, null); return; }
    var options = { headers: { 'Content-Type': 'image/jpeg' }, body: blobOf(photo.data), timeout: 60000 };
    outbox.request('POST', '/api/v1/attachments', options, function (status, answer) {
      if (status !== 200 && status !== 201) { then(status, answer); return; }
      photo.hash = answer.hash;
      outbox.keep(entry, function () { upload(entry, then); });
    });
  }

  function send(entry, then) {
    upload(entry, function (status, answer) {
      if (status !== 200) { then(status, answer); return; }
      var body = JSON.parse(JSON.stringify(entry.body));
      if (entry.photos && entry.photos.length) {
        body.attachments = entry.photos.map(function (one) { return { hash: one.hash, media_type: 'image/jpeg' }; });
      }
      var headers = { 'Content-Type': 'application/json', 'Idempotency-Key': entry.key };
      if (entry.seen) { headers['If-Match'] = '"' + entry.seen + '"'; }
      outbox.request('POST', entry.path, { headers: headers, body: JSON.stringify(body) }, then);
    });
  }

  /* Sends what waits, in order. What comes after an entry of the same case that could not be taken waits for a decision. */
  outbox.flush = function () {
    wanted = sending;
    if (sending || !outbox.token) { return; }
    sending = true;
    outbox.all(function (entries) {
      var stuck = {};
      function next() {
        var entry = entries.shift();
        if (!entry) {
          sending = false;
          if (wanted) { outbox.flush(); }
          return;
        }
        if (entry.state !== 'waiting' || (entry.issue && stuck[entry.issue])) {
          if (entry.issue) { stuck[entry.issue] = true; }
          next();
          return;
        }
        send(entry, function (status, answer) {
          if (status >= 200 && status < 300) {
            outbox.drop(entry, function () { outbox.sent(entry, answer); next(); });
          } else if (status === 401) {
            sending = false;
            outbox.unauthorized();
          } else if (status === 0 || status === 408 || status === 429 || status >= 500) {
            sending = false;
            outbox.changed();
          } else {
            entry.state = status === 412 ? 'conflict' : 'refused';
            entry.kind = String((answer && answer.type) || '').replace('/problems/', '');
            entry.said = (answer && (answer.detail || answer.title)) || String(status);
            if (entry.issue) { stuck[entry.issue] = true; }
            outbox.keep(entry, next);
          }
        });
      }
      next();
    });
  };

  world.outbox = outbox;
}(window));
