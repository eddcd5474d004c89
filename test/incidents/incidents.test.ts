import { INCIDENTS } from './catalogue.ts';
import { examine } from './suite.ts';

examine(INCIDENTS);
