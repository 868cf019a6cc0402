/**
 * The part of a failure page that looks whether the port answers by now: after growing pauses, a few minutes long, and then no more, because a page that was
 * forgotten in a tab would keep the machine busy for ever. It says when it looks next. Its script runs in the page, so it is text here.
 *
 * HEAD, not the page itself: that may count its visitors. Any answer will do, and only then is the page loaded anew.
 */
export const LOOK_AGAIN = `<p><span id="again"></span> <button type="button" id="now">Look now</button></p>
<script>(() => {
  const pauses = [2, 4, 8, 16, 30, 30, 30, 30, 30, 30];
  const limit = 20000;
  const said = document.getElementById('again');
  const button = document.getElementById('now');
  let left = 0;
  let timer;
  const say = words => (said.textContent = words);
  const load = () => location.replace(location.pathname + location.search);
  const look = async () => {
    clearInterval(timer);
    say('Looking…');
    try {
      await fetch(location.href, { method: 'HEAD', redirect: 'manual', cache: 'no-store', signal: AbortSignal.timeout(limit) });
    } catch {
      return wait();
    }
    load();
  };
  const count = () => {
    if (left <= 0) return void look();
    say('This page looks again by itself in ' + left + ' s.');
    left -= 1;
  };
  const wait = () => {
    left = pauses.shift() ?? -1;
    if (left < 0) return say('This page has looked for several minutes and no longer does so by itself.');
    timer = setInterval(count, 1000);
    count();
  };
  button.onclick = load;
  wait();
})();</script>`;
