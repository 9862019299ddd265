// Nango's frontend SDK, as it is on the registry, in a browser: its Connect UI frame, and its calls without one.

import { after } from 'node:test';

import { stop } from './ui/page.mjs';
import './ui/forms.mjs';
import './ui/consent.mjs';
import './ui/frame.mjs';
import './ui/headless.mjs';
import './ui/origins.mjs';

after(stop);
