// `npm pack` and `npm publish` of the clone itself would ship a package without its code: Node strips
// no types under node_modules, so what is published is compiled first, into .pack/.
process.stderr.write(
  'batten: npm run pack:dist makes the package, and npm publish .pack publishes it.\n',
);
process.exit(1);
