using System.Reflection;
using Trt.Interop.Loading;
using Trt.Interop.NvOnnxParser;
using Trt.Interop.Tests.Libraries;
using Xunit;

namespace Trt.Interop.Tests.WrongUse;

/// <summary>Objects of one library given to another.</summary>
[Collection(RtxCollection.Name)]
public sealed class MixedLibraryTests
{
    [SkippableFact]
    public void Native_object_is_refused_by_another_native_library()
    {
        TensorRtLibrary one = RtxLibrary.Load();
        using FileCopy copy = new(one.Path!);
        TensorRtLibrary two = TensorRt.Load(copy.Path);
        Assert.NotSame(one, two);
        using SmallNetwork of1 = new(one);
        using SmallNetwork of2 = new(two);

        ArgumentException exception = Assert.Throws<ArgumentException>(() => of2.Builder.BuildSerializedNetwork(of1.Network, of2.Config));

        Assert.Equal("network", exception.ParamName);
        Assert.Contains($"belongs to {one}, but {two} was asked", exception.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be mixed", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => of2.Network.AddActivation(of1.Input, ActivationType.Relu));
        Assert.Throws<ArgumentException>(() => of2.Network.AddConcatenation([of2.Input, of1.Input]));
        Assert.True(of1.Build() > 0);
        Assert.True(of2.Build() > 0);
    }

    [SkippableFact]
    public void Native_object_is_refused_by_a_managed_runtime()
    {
        TensorRtLibrary managed = new ManagedLibrary(new NoRuntime());
        using SmallNetwork small = new(RtxLibrary.Load());

        ArgumentException exception = Assert.Throws<ArgumentException>(() => managed.CreateParser(small.Network, new CollectingLogger()));

        Assert.Contains(small.Library.ToString(), exception.Message, StringComparison.Ordinal);
        Assert.Contains("CPU runtime 7.8.9", exception.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Managed_object_is_refused_where_the_library_makes_its_own()
    {
        using SmallNetwork small = new(RtxLibrary.Load());
        ITensor foreign = DispatchProxy.Create<ITensor, Unasked>();

        ArgumentException exception = Assert.Throws<ArgumentException>(() => small.Network.AddActivation(foreign, ActivationType.Relu));

        Assert.Equal("input", exception.ParamName);
        Assert.Contains("ITensor", exception.Message, StringComparison.Ordinal);
        Assert.Contains(small.Library.ToString(), exception.Message, StringComparison.Ordinal);
        Assert.True(small.Build() > 0);
    }

    public class Unasked : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => throw new InvalidOperationException($"{targetMethod} was called.");
    }

    private sealed class NoRuntime : IRuntimeProvider
    {
        public Version Version => new(7, 8, 9);

        public IPluginRegistry PluginRegistry => throw new NotSupportedException();

        public IBuilder CreateInferBuilder(ILogger logger) => throw new NotSupportedException();

        public IRuntime CreateInferRuntime(ILogger logger) => throw new NotSupportedException();

        public IRefitter CreateInferRefitter(ICudaEngine engine, ILogger logger) => throw new NotSupportedException();

        public IParser CreateParser(INetworkDefinition network, ILogger logger) => throw new NotSupportedException();

        public IParserRefitter CreateParserRefitter(IRefitter refitter, ILogger logger) => throw new NotSupportedException();

        public bool Supports(string member) => false;
    }
}
