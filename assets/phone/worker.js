/* The page opens without a signal: its files are kept, shown from there, and renewed when there is a signal. */
'use strict';
var NAME = 'page-2';
var FILES = ['/m', '/m/style.css', '/m/page.js', '/m/outbox.js', '/m/zh.json', '/m/en.json'];

self.addEventListener('install', function (event) {
  event.waitUntil(caches.open(NAME).then(function (cache) { return cache.addAll(FILES); }).then(function () { return self.skipWaiting(); }));
});

self.addEventListener('activate', function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) { return name !== NAME; }).map(function (name) { return caches['delete'](name); }));
  }).then(function () { return self.clients.claim(); }));
});

self.addEventListener('fetch', function (event) {
  var path = new URL(event.request.url).pathname;
  if (event.request.method !== 'GET' || FILES.indexOf(path) < 0) { return; }
  event.respondWith(caches.open(NAME).then(function (cache) {
    return cache.match(path).then(function (held) {
      var fresh = fetch(path).then(function (answer) {
        if (answer.ok) { cache.put(path, answer.clone()); }
        return answer;
      });
      if (!held) { return fresh; }
      fresh['catch'](function () {});
      return held;
    });
  }));
});
