// Type-aware rules that biome does not have. The block for the pure folders stands last: in flat config a later block
// replaces an earlier one's `no-restricted-*`.
import tseslint from 'typescript-eslint';

const noEnvironment = {
  object: 'process',
  property: 'env',
  message: 'Only config.ts reads the environment; take the value you need as a parameter.',
};

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'data/', 'src/ui/assets/'] },
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'vitest.config.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './test/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/strict-boolean-expressions': [
        'error',
        { allowString: false, allowNumber: false, allowNullableObject: false },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // A port is async even where one adapter needs no await.
      '@typescript-eslint/require-await': 'off',
      'no-restricted-properties': ['error', noEnvironment],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/config.ts', 'test/**/*.ts', 'vitest.config.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    // Loops over lists that grow meanwhile, by index: the bound is checked beside the assertion.
    files: ['src/analysis/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Encoders take texts apart on purpose.
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Readers of bytes and tokens index arrays within bounds they have just checked, millions of times a second.
    files: ['src/analysis/{archive,binary,python,script}/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['src/pypi/**/*.ts', 'src/analysis/**/*.ts', 'src/policy/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'console'].map((name) => ({
          name,
          message: 'This folder is pure: no I/O, no time, no chance.',
        })),
      ],
      'no-restricted-properties': [
        'error',
        noEnvironment,
        { object: 'Date', property: 'now', message: 'This folder is pure: take the time as a parameter.' },
        { object: 'Math', property: 'random', message: 'This folder is pure.' },
        { object: 'performance', property: 'now', message: 'This folder is pure: take the time as a parameter.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'This folder is pure: take the time as a parameter.',
        },
      ],
    },
  },
);
