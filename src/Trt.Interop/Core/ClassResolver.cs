namespace Trt.Interop.Core;

/// <summary>Finds the real class of a native object where C++ promises a base.</summary>
internal static unsafe class ClassResolver
{
    /// <summary>The class whose proxy an object gets.</summary>
    public static int Resolve(TensorRtLibrary library, void* address, int classId) => classId switch
    {
        ClassId.ILayer => LayerClass(library, address),
        ClassId.IInt8Calibrator => CalibratorClass(library, address),
        ClassId.IPluginV2 => PluginClass(library, address),
        ClassId.IPluginCreatorInterface or ClassId.IPluginCapability => VersionedClass(library, address, classId),
        _ => classId,
    };

    /// <summary>The class that an interface's own description names, or the declared one.</summary>
    private static int VersionedClass(TensorRtLibrary library, void* address, int declared)
    {
        ushort entry = library.Table[Members.IVersionedInterface_getInterfaceInfo];
        if (entry == SlotTables.Absent)
        {
            return declared;
        }

        NativeInterfaceInfo info = ((delegate* unmanaged[MemberFunction]<void*, NativeInterfaceInfo>)(*(void***)address)[entry & SlotTables.SlotMask])(address);
        return (Marshalling.String(info.Kind), info.Major) switch
        {
            ("PLUGIN CREATOR_V1", _) => ClassId.IPluginCreator,
            ("PLUGIN CREATOR_V3ONE", _) => ClassId.IPluginCreatorV3One,
            ("PLUGIN_V3ONE_CORE", _) => ClassId.IPluginV3OneCore,
            ("PLUGIN_V3ONE_BUILD", >= 2) => ClassId.IPluginV3OneBuildV2,
            ("PLUGIN_V3ONE_BUILD", _) => ClassId.IPluginV3OneBuild,
            ("PLUGIN_V3ONE_RUNTIME", _) => ClassId.IPluginV3OneRuntime,
            _ => declared,
        };
    }

    /// <summary>As C++ does it: the algorithm says what a calibrator can be cast to.</summary>
    private static int CalibratorClass(TensorRtLibrary library, void* address)
    {
        ushort entry = library.Table[Members.IInt8Calibrator_getAlgorithm];
        return entry == SlotTables.Absent ? ClassId.IInt8Calibrator
            : (CalibrationAlgoType)((delegate* unmanaged[MemberFunction]<void*, int>)(*(void***)address)[entry & SlotTables.SlotMask])(address) switch
            {
                CalibrationAlgoType.LegacyCalibration => ClassId.IInt8LegacyCalibrator,
                CalibrationAlgoType.EntropyCalibration => ClassId.IInt8EntropyCalibrator,
                CalibrationAlgoType.EntropyCalibration2 => ClassId.IInt8EntropyCalibrator2,
                CalibrationAlgoType.MinmaxCalibration => ClassId.IInt8MinMaxCalibrator,
                _ => ClassId.IInt8Calibrator,
            };
    }

    /// <summary>A V2 plugin tells its kind in the top byte of its version.</summary>
    private static int PluginClass(TensorRtLibrary library, void* address)
    {
        ushort entry = library.Table[Members.IPluginV2_getTensorRTVersion];
        if (entry == SlotTables.Absent)
        {
            return ClassId.IPluginV2;
        }

        int version = ((delegate* unmanaged[MemberFunction]<void*, int>)(*(void***)address)[entry & SlotTables.SlotMask])(address);
        return (version >>> 24) switch
        {
            1 => ClassId.IPluginV2Ext,
            2 => ClassId.IPluginV2IOExt,
            3 => ClassId.IPluginV2DynamicExt,
            _ => ClassId.IPluginV2,
        };
    }

    private static int LayerClass(TensorRtLibrary library, void* address)
    {
        ushort entry = library.Table[Members.ILayer_getType];
        if (entry == SlotTables.Absent)
        {
            return ClassId.ILayer;
        }

        void* layer = ((void**)address)[1];
        int type = ((delegate* unmanaged[MemberFunction]<void*, int>)(*(void***)layer)[entry & SlotTables.SlotMask])(layer);
        return ClassTable.OfLayer((LayerType)library.Enum(Enumeration.LayerType).ToManaged(type));
    }
}
