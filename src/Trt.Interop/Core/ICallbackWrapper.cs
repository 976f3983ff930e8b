namespace Trt.Interop.Core;

/// <summary>A callback of ours that stands in front of a user's.</summary>
internal interface ICallbackWrapper
{
    /// <summary>The user's object.</summary>
    object Inner { get; }

    /// <summary>The user's object behind any callback.</summary>
    static object Unwrap(object callback) => callback is ICallbackWrapper wrapper ? wrapper.Inner : callback;
}
