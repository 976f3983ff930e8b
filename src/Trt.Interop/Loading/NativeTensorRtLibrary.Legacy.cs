using System.Runtime.CompilerServices;
using Trt.Interop.Core;
using Trt.Interop.NvCaffeParser;
using Trt.Interop.NvUffParser;

namespace Trt.Interop.Loading;

/// <content>Functions that only some releases export.</content>
internal sealed unsafe partial class NativeTensorRtLibrary
{
    private NativeModule? parsers;

    public override ILogger? GlobalLogger
    {
        get
        {
            var function = Exports.GetLogger(module);
            return function is null ? null : ObjectAt<ILogger>(function(), ClassId.ILogger, null, ObjectUse.Lasting);
        }
    }

    public override ICaffeParser CreateCaffeParser()
    {
        if (Version.Major >= 10 || Flavour == Flavour.TensorRTRtx)
        {
            return base.CreateCaffeParser();
        }

        var function = Exports.CreateNvCaffeParser(Parsers());
        return MakeParser<ICaffeParser>(function is null ? null : function(), ClassId.NvCaffeParser_ICaffeParser, Members.Function_createNvCaffeParser);
    }

    public override IUffParser CreateUffParser()
    {
        if (Version.Major >= 10 || Flavour == Flavour.TensorRTRtx)
        {
            return base.CreateUffParser();
        }

        var function = Exports.CreateNvUffParser(Parsers());
        return MakeParser<IUffParser>(function is null ? null : function(), ClassId.NvUffParser_IUffParser, Members.Function_createNvUffParser);
    }

    public override IPluginRegistry? GetBuilderPluginRegistry(EngineCapability capability)
    {
        var function = Exports.GetBuilderPluginRegistry(module);
        return function is null
            ? base.GetBuilderPluginRegistry(capability)
            : ObjectAt<IPluginRegistry>(function(Enum(Enumeration.EngineCapability).ToNative((int)capability, this)), ClassId.IPluginRegistry, null, ObjectUse.Lasting);
    }

    public override void SetInternalLibraryPath(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var function = Exports.SetInternalLibraryPath(module);
        if (function is null)
        {
            base.SetInternalLibraryPath(path);
        }

        Unsafe.SkipInit(out Utf8Buffer buffer);
        Utf8Argument text = new(path, (byte*)&buffer);
        CallFrame frame = CallFrame.Enter();
        byte done = function(text.Pointer);
        GC.KeepAlive(text.Held);
        frame.Leave(this, Members.Function_setInternalLibraryPath, failed: done == 0);
    }

    private NativeModule Parsers()
    {
        lock (gate)
        {
            return parsers ??= Companion("nvparsers", null, "TRT_PARSERS_LIBRARY");
        }
    }

    private T MakeParser<T>(void* address, int classId, int member)
        where T : class
    {
        CallFrame frame = CallFrame.Enter();
        T? parser = ObjectAt<T>(address, classId, null, ObjectUse.Owned);
        frame.Leave(this, member, parser, parser is null);
        return parser!;
    }
}
