using System.Text;
using Trt.Interop;
using Xunit;

namespace Trt.Cpu.Tests;

/// <summary>Plans that are damaged, cut off or somebody else's: refused with one sentence, never loaded.</summary>
public class PlanTests
{
    [Fact]
    public void AnyFlippedBitIsNoticed()
    {
        using TestEngine test = new();
        byte[] plan = test.DynamicRelu();
        for (int at = 0; at < plan.Length; at += 97)
        {
            plan[at] ^= 4;
            Assert.Throws<TensorRtException>(() => test.Runtime.DeserializeCudaEngine(plan));
            plan[at] ^= 4;
        }

        test.Load(plan);
    }

    [Theory]
    [InlineData(0, "do not begin like a plan")]
    [InlineData(5, "do not begin like a plan")]
    [InlineData(40, "cut off")]
    [InlineData(200, "cut off")]
    [InlineData(-1, "cut off")]
    public void CutOffPlansSaySo(int length, string words)
    {
        using TestEngine test = new();
        byte[] plan = test.DynamicRelu();
        byte[] part = plan[..(length < 0 ? plan.Length + length : length)];
        Assert.Contains(words, Assert.Throws<TensorRtException>(() => test.Runtime.DeserializeCudaEngine(part)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ChecksumNamesDamage()
    {
        using TestEngine test = new();
        byte[] plan = test.DynamicRelu();
        plan[^1] ^= 1;
        Assert.Contains("checksum", Assert.Throws<TensorRtException>(() => test.Runtime.DeserializeCudaEngine(plan)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PlansForGpusAreNamed()
    {
        using TestEngine test = new();
        byte[] foreign = new byte[64];
        Encoding.ASCII.GetBytes("ftrt").CopyTo(foreign, 0);
        (foreign[24], foreign[25], foreign[26]) = (8, 6, 0);
        string message = Assert.Throws<TensorRtException>(() => test.Runtime.DeserializeCudaEngine(foreign)).Message;
        Assert.Contains("TensorRT 8.6.0 for a GPU", message, StringComparison.Ordinal);
        Assert.Contains("IRuntime::deserializeCudaEngine: Error Code 3: API Usage Error (", message, StringComparison.Ordinal);
    }

    [Fact]
    public void SerializedEngineLoadsAgain()
    {
        using TestEngine test = new();
        byte[] plan = test.DynamicRelu();
        using IHostMemory again = test.Load(plan).Serialize();
        Assert.Equal(plan, again.AsSpan().ToArray());
        Assert.Equal(new Dims(4, 3), test.Load(again.AsSpan()).GetProfileShape("x", 0, OptProfileSelector.Max));
    }
}
