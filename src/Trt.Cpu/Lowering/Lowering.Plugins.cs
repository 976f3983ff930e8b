using System.Globalization;
using Trt.Cpu.OnnxRuntime;
using Trt.Interop;

namespace Trt.Cpu;

/// <content>Nodes that managed code computes.</content>
internal sealed partial class Lowering
{
    private readonly List<PlanPlugin> plugins = [];

    /// <summary>Settings of the build.</summary>
    public required CpuBuilderConfig Config { get; init; }

    public IReadOnlyList<PlanPlugin> Plugins => plugins;

    /// <summary>Takes the configured plugins of layers that are written from now on, to compute with them; null where a plan is all that is wanted.</summary>
    public List<(PlanPlugin Plan, Plugin Plugin)>? KeptPlugins { get; set; }

    /// <summary>Name for the next managed operator.</summary>
    public string NextKernel => string.Create(CultureInfo.InvariantCulture, $"Plugin{plugins.Count}");

    /// <summary>A node that a plugin computes.</summary>
    public OnnxValue[] Kernel(PlanPlugin plugin, ReadOnlySpan<OnnxValue> operands)
    {
        plugins.Add(plugin);
        Onnx.NodeProto node = Append(plugin.Kernel, operands, []);
        node.Domain = OrtKernelSet.Domain;
        OnnxValue[] results = new OnnxValue[plugin.Outputs.Count];
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = new OnnxValue(Name(), plugin.Outputs[i].Type);
            node.Output.Add(results[i].Name);
        }

        return results;
    }
}
