import { call } from './api.js';
import { catalogue } from './catalogue.js';
import { loadSdk } from './connect.js';
import { events } from './events.js';
import { complain } from './messages.js';
import { section } from './section.js';

try {
  const me = await call('GET', '/me');
  loadSdk(me.connect.sdkUrl);

  const { user, organization } = me;
  document.querySelector('#who b').textContent = user.name;
  document.querySelector('#who span').textContent = ` · ${organization.name}`;
  document.getElementById('ours-title').textContent = `${organization.name}’s connections`;
  document.querySelector('#ours .hint').textContent = `Everyone at ${organization.name} can see and use these.`;
  document.getElementById('for-ours').textContent = `Everyone at ${organization.name}`;

  const mine = section('mine', '', '', me);
  const ours = section('ours', '/org', ` for ${organization.name}`, me);
  catalogue(me.integrations, { mine, ours });
  const latest = events(me);

  // A person who comes back to this page may come from a window in which something was connected.
  const refresh = () => document.hidden || [mine, ours, latest].forEach((one) => one.refresh());
  document.addEventListener('visibilitychange', refresh);
  window.addEventListener('focus', refresh);
} catch (error) {
  complain(`This page could not be loaded. ${error.message}`);
}
