import { TECHNIQUES } from './catalogue.ts';
import { examine } from './suite.ts';

examine(TECHNIQUES);
