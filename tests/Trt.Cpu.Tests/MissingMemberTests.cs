using System.Reflection;
using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>What the CPU runtime does not have: refused by name, and listed in docs/cpu-runtime.md, no more and no less.</summary>
public sealed class MissingMemberTests
{
    [Fact]
    public void PageListsExactlyWhatIsMissing()
    {
        string[] lines = File.ReadAllLines(Checkout.Path("docs", "cpu-runtime.md"));
        int start = Array.IndexOf(lines, "<!-- missing -->");
        int end = Array.IndexOf(lines, "<!-- end of missing -->");
        Assert.True(start >= 0 && end > start, "docs/cpu-runtime.md has no list between <!-- missing --> and <!-- end of missing -->.");
        IEnumerable<string> listed = lines[(start + 1)..end].Where(line => line.StartsWith("- `", StringComparison.Ordinal)).Select(line => line[3..line.IndexOf('`', 3)]);
        Assert.Equal(MissingMembers.All.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryMissingLayerIsRefusedByName()
    {
        using TestEngine test = new();
        INetworkDefinition network = test.Network();
        ITensor tensor = network.AddInput("x", DataType.Float, [1, 3, 4, 4]);
        foreach (MethodInfo method in typeof(INetworkDefinition).GetMethods().Where(method => method.Name.StartsWith("Add", StringComparison.Ordinal)))
        {
            string name = "a" + method.Name[1..];
            if (!MissingMembers.All.Contains($"INetworkDefinition.{name}") || method.GetParameters().Any(parameter => parameter.ParameterType.IsByRefLike))
            {
                continue;
            }

            object?[] arguments = [.. method.GetParameters().Select(parameter => parameter.ParameterType == typeof(ITensor) ? tensor
                : parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null)];
            TargetInvocationException error = Assert.Throws<TargetInvocationException>(() => method.Invoke(network, arguments));
            Assert.Contains(name, Assert.IsType<TensorRtException>(error.InnerException).Message, StringComparison.Ordinal);
            Assert.False(CpuRuntime.Provider.Supports($"INetworkDefinition.{name}"));
        }

        Assert.True(CpuRuntime.Provider.Supports("IRefitter.setNamedWeights"));
        Assert.True(CpuRuntime.Provider.Supports("INetworkDefinition.addTopK"));
        Assert.False(CpuRuntime.Provider.Supports("INetworkDefinition.addFullyConnected"));
    }
}
