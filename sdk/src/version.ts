/** Version of this package, as servers see it (`x-mq-client-version` and `Settings.user_agent`). A test holds it equal to package.json. */
export const version = '0.1.0'
