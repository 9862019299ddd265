import { call } from './api.js';
import { loadSdk } from './connect.js';
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

  const sections = [section('mine', '/nango', '', me), section('ours', '/org/nango', ` for ${organization.name}`, me)];
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
      sections.forEach((one) => one.refresh());
    }
  });
} catch (error) {
  complain(`This page could not be loaded: ${error.message}`);
}
