using Trt.Interop.Core;
using Trt.Interop.NvOnnxParser;

namespace Trt.Interop.Loading;

/// <summary>A registered managed runtime as a library.</summary>
internal sealed class ManagedLibrary(IRuntimeProvider provider) : TensorRtLibrary(Flavour.Cpu, provider.Version, "CPU runtime")
{
    public override IPluginRegistry PluginRegistry => provider.PluginRegistry;

    internal IRuntimeProvider Provider => provider;

    public override bool Supports(string member) => provider.Supports(member);

    public override bool Supports<T>(T enumerator) =>
        EnumTables.IdOf(typeof(T)) is >= 0 and int id && EnumTables.ReleasesWith(id, Convert.ToInt32(enumerator, System.Globalization.CultureInfo.InvariantCulture)).Count > 0;

    public override IBuilder CreateInferBuilder(ILogger logger) => provider.CreateInferBuilder(NotNull(logger, nameof(logger)));

    public override IRuntime CreateInferRuntime(ILogger logger) => provider.CreateInferRuntime(NotNull(logger, nameof(logger)));

    public override IRefitter CreateInferRefitter(ICudaEngine engine, ILogger logger) => provider.CreateInferRefitter(Own(engine, nameof(engine)), NotNull(logger, nameof(logger)));

    public override IParser CreateParser(INetworkDefinition network, ILogger logger) => provider.CreateParser(Own(network, nameof(network)), NotNull(logger, nameof(logger)));

    public override IParserRefitter CreateParserRefitter(IRefitter refitter, ILogger logger) => provider.CreateParserRefitter(Own(refitter, nameof(refitter)), NotNull(logger, nameof(logger)));

    public override void InitLibNvInferPlugins(ILogger logger, string libNamespace = "") => NotNull(logger, nameof(logger));

    private static T NotNull<T>(T value, string name)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return value;
    }

    private T Own<T>(T value, string name)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return value is NativeObject native
            ? throw new ArgumentException($"This object belongs to {native.Library}, but {this} was asked. Objects of two libraries cannot be mixed.", name)
            : value;
    }
}
