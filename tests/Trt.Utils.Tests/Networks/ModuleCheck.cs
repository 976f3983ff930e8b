using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Loading;
using Xunit;

namespace Trt.Utils.Tests.Networks;

/// <summary>Runs a module in several kinds of network: of known and of open extents, strongly typed, through the layout of old and new releases.</summary>
internal static class ModuleCheck
{
    /// <summary>The CPU runtime itself, and as releases that differ in what they have; or what a program runs the tests against.</summary>
    private static IEnumerable<TensorRtLibrary?> Libraries =>
        TestTarget.Library is { } target ? [target] : [null, new LoopBackLibrary(CpuRuntime.Provider, "8.5.3", rtx: false), new LoopBackLibrary(CpuRuntime.Provider, "11.1", rtx: false)];

    /// <summary>Compares a module with a formula.</summary>
    public static void Equal(Grid expected, HostTensor input, Func<INetworkDefinition, ITensor, ITensor> module, double bound = 2e-5, long[]? openAxes = null) =>
        Equal([("y", expected)], [("x", input)], (network, inputs) => [module(network, inputs[0])], bound, openAxes);

    /// <summary>Compares several outputs of a module of several inputs with formulas.</summary>
    public static void Equal(
        (string Name, Grid Values)[] expected, (string Name, HostTensor Tensor)[] inputs, Func<INetworkDefinition, ITensor[], ITensor[]> module, double bound = 2e-5, long[]? openAxes = null)
    {
        foreach (TensorRtLibrary? library in Libraries)
        {
            // The CPU runtime tells shapes in 64 bits, which 8.x has no enumerator for.
            foreach (bool isOpen in library?.Supports(DataType.Int64) == false ? new[] { false } : [false, true])
            {
                using NetworkRig rig = new(library, isTyped: library?.Supports(NetworkDefinitionCreationFlag.StronglyTyped) ?? isOpen);
                ITensor[] tensors = [.. inputs.Select(input => Add(rig, input.Name, input.Tensor, isOpen ? openAxes ?? [0] : []))];
                ITensor[] outputs = module(rig.Network, tensors);
                for (int i = 0; i < outputs.Length; i++)
                {
                    rig.Output(outputs[i], expected[i].Name);
                }

                Dictionary<string, HostTensor> actual = rig.Run(inputs);
                foreach ((string name, Grid values) in expected)
                {
                    Assert.Equal(values.Shape, actual[name].Shape);
                    Near.Equal(values.Floats, actual[name].Floats, bound, $"{name} of {library?.ToString() ?? "the CPU runtime"}{(isOpen ? ", open" : "")}");
                }
            }
        }
    }

    private static ITensor Add(NetworkRig rig, string name, HostTensor tensor, long[] openAxes)
    {
        DataType type = tensor.Values switch { int[] => DataType.Int32, byte[] => DataType.Bool, _ => DataType.Float };
        long[] open = [.. tensor.Shape.Select((extent, axis) => openAxes.Contains(axis) ? -1 : extent)];
        return rig.Input(new ModelInput(name, type, new Dims(open), new Dims(tensor.Shape), new Dims(tensor.Shape), new Dims(tensor.Shape)));
    }
}
