// What a command line of AWS's `cloudformation-validate` would do, which its package for Node does not bring.
const { RegoEngine, TemplateFile } = require("@aws/cloudformation-validate");

const engine = new RegoEngine();
for (const found of engine.validateStandard(new TemplateFile(process.argv[2])).diagnostics) {
  console.log(`[${found.severity}] ${found.ruleId}: ${found.message}`);
}
engine.free();
