using Trt.Interop.Core;
using Trt.Interop.NvOnnxParser;

namespace Trt.Interop.Loading;

/// <summary>A managed runtime reached as native code would be: proxy → vtable → stub → implementation. For tests of the bindings.</summary>
internal sealed unsafe class LoopBackLibrary : TensorRtLibrary
{
    private readonly IRuntimeProvider provider;

    /// <param name="provider">The implementation behind.</param>
    /// <param name="rtx">Whether the layout is TensorRT-RTX's.</param>
    /// <param name="release">The release whose layout is used, such as <c>10.16</c>.</param>
    /// <param name="microsoft">Whether the slots are those of MSVC; the calls still follow this system's convention.</param>
    public LoopBackLibrary(IRuntimeProvider provider, string release, bool rtx = false, bool microsoft = false)
        : base(rtx ? Flavour.TensorRTRtx : Flavour.TensorRT, provider.Version, $"loop-back of {(rtx ? "TensorRT-RTX" : "TensorRT")} {release}")
    {
        this.provider = provider;
        KeepsBothLayers = true;
        int row = Array.FindIndex(SlotTables.Releases, known => known.IsRtx == rtx && known.Release == release);
        if (row < 0)
        {
            throw new ArgumentException($"There are no tables of release {release}.", nameof(release));
        }

        Version version = SlotTables.Releases[row].Version;
        VersionNumber = version.Major < 10 && !rtx ? (version.Major * 1000) + (version.Minor * 100) + version.Build : (version.Major * 10000) + (version.Minor * 100) + version.Build;
        UseTables(row, microsoft, plainCalls: true);
    }

    public override IPluginRegistry PluginRegistry => Through<IPluginRegistry>(provider.PluginRegistry, ClassId.IPluginRegistry, null, ObjectUse.Owned);

    /// <summary>The implementation behind hands its own objects to plugins.</summary>
    internal override bool TakesManaged(object value, int classId) => true;

    public override bool Supports(string member) => Members.AllOf(member).Any(id => Table[id] != SlotTables.Absent);

    public override bool Supports<T>(T enumerator) =>
        EnumTables.IdOf(typeof(T)) is >= 0 and int id && Enum(id).TryToNative(Convert.ToInt32(enumerator, System.Globalization.CultureInfo.InvariantCulture), out _);

    public override IBuilder CreateInferBuilder(ILogger logger) => Through<IBuilder>(provider.CreateInferBuilder(Outer(logger)), ClassId.IBuilder, null, ObjectUse.Owned);

    public override IRuntime CreateInferRuntime(ILogger logger) => Through<IRuntime>(provider.CreateInferRuntime(Outer(logger)), ClassId.IRuntime, null, ObjectUse.Owned);

    public override IRefitter CreateInferRefitter(ICudaEngine engine, ILogger logger) =>
        Through<IRefitter>(provider.CreateInferRefitter(Inner(engine), Outer(logger)), ClassId.IRefitter, engine as NativeObject, ObjectUse.Owned);

    public override IParser CreateParser(INetworkDefinition network, ILogger logger) =>
        Through<IParser>(provider.CreateParser(Inner(network), Outer(logger)), ClassId.NvOnnxParser_IParser, network as NativeObject, ObjectUse.Owned);

    public override IParserRefitter CreateParserRefitter(IRefitter refitter, ILogger logger) =>
        Through<IParserRefitter>(provider.CreateParserRefitter(Inner(refitter), Outer(logger)), ClassId.NvOnnxParser_IParserRefitter, refitter as NativeObject, ObjectUse.Owned);

    public override void InitLibNvInferPlugins(ILogger logger, string libNamespace = "") => ArgumentNullException.ThrowIfNull(logger);

    private T Through<T>(T implementation, int classId, NativeObject? parent, ObjectUse use)
        where T : class =>
        ObjectAt<T>(Stub.For(implementation, this, classId).Pointer, classId, parent, use)!;

    private ILogger Outer(ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(logger);
        return ObjectAt<ILogger>(Stub.For(RecordingLogger.For(logger), this, ClassId.ILogger).Pointer, ClassId.ILogger, null, ObjectUse.Lasting)!;
    }

    private T Inner<T>(T value)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(value);
        return value is NativeObject native && native.Library == this && Stub.At(native.Address) is { } stub
            ? (T)stub.Target
            : throw new ArgumentException($"This object does not belong to {this}.", nameof(value));
    }
}
