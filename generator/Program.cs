using System.CommandLine;
using Trt.Generator.Emit;
using Trt.Generator.Extract;

RootCommand root = new("Makes the C# bindings of TensorRT: headers to models (extract), models to code (emit, check).")
{
    ExtractCommand.Create(),
    EmitCommand.Create(),
    CheckCommand.Create(),
};
return root.Parse(args).Invoke();
