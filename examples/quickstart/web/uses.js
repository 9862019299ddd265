// What the app does with its connections, by integration.

import { call } from './api.js';
import { make } from './dom.js';

export const USES = {
  slack: { show: 'Show channels', hide: 'Hide channels', fill: showChannels },
};

/** A panel that fills itself, and the code of what went wrong. */
function showChannels(mount, handle) {
  const panel = make('div', 'panel');
  panel.setAttribute('role', 'status');
  panel.append(make('p', '', 'Asking Slack…'));
  const code = call('GET', `${mount}/slack/channels/${handle}`).then(
    (channels) => {
      panel.firstChild.textContent = channels.length === 0 ? 'Slack shows no channels.' : 'Channels that Slack shows to this app:';
      const list = make('ul', 'chips');
      list.append(...channels.map(({ name }) => make('li', '', `#${name}`)));
      panel.append(list);
      return null;
    },
    (error) => {
      panel.firstChild.textContent = `Slack did not show its channels. ${error.message}`;
      return error.code;
    },
  );
  return { panel, code };
}
